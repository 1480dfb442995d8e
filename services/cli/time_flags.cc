#include "services/cli/time_flags.h"

#include <google/protobuf/util/time_util.h>

#include "absl/strings/numbers.h"
#include "services/base/status_macros.h"
#include "services/cli/flag_checks.h"

namespace snapledger::cli {
namespace {

constexpr int64_t kHoursPerDay = 24;

google::protobuf::Timestamp ToProto(absl::Time time) {
  return google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(time));
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(const std::string& text) {
  absl::Duration days = absl::ZeroDuration();
  std::string rest = text;
  if (const size_t mark = text.find('d'); mark != std::string::npos) {
    int64_t count = 0;
    if (!absl::SimpleAtoi(text.substr(0, mark), &count)) {
      return absl::InvalidArgumentError("\"" + text + "\" is not a duration such as 7d or 48h");
    }
    days = absl::Hours(count * kHoursPerDay);
    rest = text.substr(mark + 1);
  }
  absl::Duration others = absl::ZeroDuration();
  if ((rest.empty() && text.empty()) || (!rest.empty() && !absl::ParseDuration(rest, &others))) {
    return absl::InvalidArgumentError("\"" + text + "\" is not a duration such as 7d or 48h");
  }
  return days + others;
}

absl::StatusOr<absl::Time> ParseTime(const std::string& text, absl::Time now) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return time;
  const absl::StatusOr<absl::Duration> before = ParseDuration(text);
  if (before.ok()) return now - *before;
  return absl::InvalidArgumentError(
      "\"" + text + "\" is neither a time such as 2026-11-23T00:00:00Z nor a duration such as 24h");
}

void AddReceivedFlags(CLI::App& command, std::string* since, std::string* until) {
  command
      .add_option("--since", *since,
                  "received from here on: a time such as 2026-11-23T00:00:00Z or an age such as "
                  "7d [the beginning]")
      ->check(IsNotEmpty());
  command.add_option("--until", *until, "received before here, likewise [now]")
      ->check(IsNotEmpty());
}

absl::Status ReadTimeRange(const std::string& since, const std::string& until, absl::Time now,
                           v1::TimeRange* range) {
  if (!since.empty()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const absl::Time time, ParseTime(since, now));
    *range->mutable_start_time() = ToProto(time);
  }
  if (!until.empty()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const absl::Time time, ParseTime(until, now));
    *range->mutable_end_time() = ToProto(time);
  }
  return absl::OkStatus();
}

}  // namespace snapledger::cli
