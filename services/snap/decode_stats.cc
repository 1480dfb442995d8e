#include "services/snap/decode_stats.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "services/base/text.h"
#include "services/snap/json_answer.h"

namespace snapledger::snap {
namespace {

// No asset has more in an hour; more is another unit or nonsense.
constexpr int64_t kEventsMax = 1'000'000'000'000;
// The year 5138 in seconds, 1973 in milliseconds.
constexpr int64_t kSecondsMax = 100'000'000'000;
constexpr int64_t kMillisecondsMax = kSecondsMax * 1000;

// A whole number, or a text of nothing but digits.
std::optional<int64_t> WholeNumber(const rapidjson::Value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->IsInt64()) return value->GetInt64();
  if (!value->IsString()) return std::nullopt;
  const absl::string_view text = base::AsAbsl(TextOf(*value));
  int64_t number = 0;
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  if (!digits || !absl::SimpleAtoi(text, &number)) return std::nullopt;
  return number;
}

std::optional<absl::Time> EpochTime(const rapidjson::Value* value) {
  const std::optional<int64_t> number = WholeNumber(value);
  if (!number.has_value() || *number <= 0 || *number >= kMillisecondsMax) return std::nullopt;
  return *number < kSecondsMax ? absl::FromUnixSeconds(*number) : absl::FromUnixMillis(*number);
}

// Snap's schema has SUCCESS and FAILURE; VALID is what its other answers say.
bool SaysFailure(const rapidjson::Value* status) {
  if (status == nullptr) return false;
  if (!status->IsString()) return true;
  const absl::string_view text = base::AsAbsl(TextOf(*status));
  return !absl::EqualsIgnoreCase(text, "SUCCESS") && !absl::EqualsIgnoreCase(text, "VALID");
}

}  // namespace

std::optional<LiveStats> DecodeLiveStats(std::string_view body) {
  rapidjson::Document document;
  if (!ParseAnswer(body, &document) || SaysFailure(Find(document, "status"))) return std::nullopt;
  const rapidjson::Value* const stats = Find(document, "stats");
  const rapidjson::Value* const live = stats == nullptr ? nullptr : Find(*stats, "live");
  if (live == nullptr) return std::nullopt;
  const std::optional<int64_t> count = WholeNumber(Find(*live, "event_count_past_hour"));
  if (!count.has_value() || *count < 0 || *count > kEventsMax) return std::nullopt;
  return LiveStats{*count, EpochTime(Find(*live, "latest_event_ts"))};
}

}  // namespace snapledger::snap
