#include "services/query/time_range.h"

#include "services/base/error_details.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"

namespace snapledger::query {
namespace {

// The range google.protobuf.Timestamp documents: years 1 to 9999.
constexpr int64_t kSecondsMin = -62135596800;
constexpr int64_t kSecondsMax = 253402300799;
constexpr int32_t kNanosMax = 999'999'999;

// Rounded up: of whole microseconds, as many are before it as before the time itself.
absl::StatusOr<absl::Time> ReadTime(const google::protobuf::Timestamp& time,
                                    std::string_view field) {
  if (time.seconds() < kSecondsMin || time.seconds() > kSecondsMax || time.nanos() < 0 ||
      time.nanos() > kNanosMax) {
    return base::InvalidFieldError(field, "is not a time of the years 1 to 9999");
  }
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Ceil(absl::Nanoseconds(time.nanos()), absl::Microseconds(1));
}

}  // namespace

absl::StatusOr<ReadRange> ReadTimeRange(const v1::TimeRange& range, std::string_view field) {
  ReadRange read;
  if (range.has_start_time()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(read.start,
                                ReadTime(range.start_time(), base::Concat(field, ".start_time")));
  }
  if (range.has_end_time()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(read.end,
                                ReadTime(range.end_time(), base::Concat(field, ".end_time")));
  }
  if (read.start.has_value() && read.end.has_value() && *read.start >= *read.end) {
    return base::InvalidFieldError(field, "the end must be after the start");
  }
  return read;
}

}  // namespace snapledger::query
