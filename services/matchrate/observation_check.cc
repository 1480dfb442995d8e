#include "services/matchrate/observation_check.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "services/base/error_details.h"
#include "services/base/text.h"
#include "services/event/identifier_kind.h"
#include "services/event/sha256.h"
#include "services/query/time_range.h"

namespace snapledger::matchrate {
namespace {

constexpr size_t kTextBytesMax = 256;
// Above all that is sent to Snap in a century, and far from where sums of counts overflow.
constexpr int64_t kEventsMax = 1'000'000'000'000;

using Violations = std::vector<base::FieldViolation>;

void CheckText(std::string_view field, std::string_view text, Violations* violations) {
  const bool control = std::any_of(text.begin(), text.end(), absl::ascii_iscntrl);
  if (text.size() > kTextBytesMax || control) {
    violations->push_back({std::string(field), base::Concat("must be at most ", kTextBytesMax,
                                                            " bytes without control characters")});
  }
}

void CheckWindow(const v1::TimeRange& window, absl::Time now, storage::MatchObservationRow* row,
                 Violations* violations) {
  const absl::StatusOr<query::ReadRange> range = query::ReadTimeRange(window, "observation.window");
  if (!range.ok()) {
    for (base::FieldViolation& violation : base::GetErrorDetails(range.status()).field_violations) {
      violations->push_back(std::move(violation));
    }
    return;
  }
  if (!range->start || !range->end) {
    violations->push_back({"observation.window", "is required, with start_time and end_time"});
    return;
  }
  row->window_start = *range->start;
  row->window_end = *range->end;
  if (row->window_end > now) {
    violations->push_back(
        {"observation.window", "ends in the future; record it once its time has passed"});
  }
}

void CheckCounts(const v1::MatchObservation& observation, Violations* violations) {
  if (observation.total() < 1 || observation.total() > kEventsMax) {
    violations->push_back({"observation.total", "must be at least 1 and at most 1e12"});
  }
  if (observation.matched() < 0 || observation.matched() > observation.total()) {
    violations->push_back(
        {"observation.matched", "must not be negative and not above observation.total"});
  }
}

uint16_t ReadKinds(const v1::MatchObservation& observation, Violations* violations) {
  event::IdentifierMask mask = 0;
  for (int i = 0; i < observation.kinds_size(); ++i) {
    const std::string field = base::Concat("observation.kinds[", i, "]");
    const int kind = observation.kinds(i);
    if (kind < v1::IDENTIFIER_KIND_EMAIL || kind > v1::IDENTIFIER_KIND_IDFV) {
      violations->push_back({field, "is no identifier kind; take those of IdentifierKind"});
      continue;
    }
    const event::IdentifierMask bit = event::MaskOf(static_cast<event::IdentifierKind>(kind));
    if ((mask & bit) != 0) violations->push_back({field, "is given twice"});
    mask = static_cast<event::IdentifierMask>(mask | bit);
  }
  return mask;
}

std::string BytesOf(const event::Sha256Digest& digest) { return {digest.begin(), digest.end()}; }

// Without a file the same words with the same counts are the same evidence.
std::string KeyOfWords(const v1::MatchObservation& observation) {
  return BytesOf(event::Sha256(
      base::Concat(observation.matched(), "/", observation.total(), "/", observation.evidence())));
}

void CheckEvidence(const v1::MatchObservation& observation, storage::MatchObservationRow* row,
                   Violations* violations) {
  CheckText("observation.evidence", observation.evidence(), violations);
  if (!observation.evidence_sha256().empty()) {
    const std::optional<event::Sha256Digest> digest =
        event::ParseSha256Hex(observation.evidence_sha256());
    if (!digest.has_value()) {
      violations->push_back({"observation.evidence_sha256", "must be 64 hex digits"});
      return;
    }
    row->evidence_sha256 = BytesOf(*digest);
    row->evidence_key = row->evidence_sha256;
    return;
  }
  if (observation.evidence().empty()) {
    violations->push_back(
        {"observation.evidence", "say where the counts come from, in words or by evidence_sha256"});
  }
  row->evidence_key = KeyOfWords(observation);
}

}  // namespace

absl::StatusOr<storage::MatchObservationRow> CheckObservation(
    const v1::MatchObservation& observation, absl::Time now) {
  Violations violations;
  storage::MatchObservationRow row = {.event_name = observation.event_name(),
                                      .source = observation.source(),
                                      .matched = observation.matched(),
                                      .total = observation.total(),
                                      .evidence = observation.evidence()};
  CheckWindow(observation.window(), now, &row, &violations);
  CheckText("observation.event_name", observation.event_name(), &violations);
  CheckText("observation.source", observation.source(), &violations);
  CheckCounts(observation, &violations);
  row.kinds = ReadKinds(observation, &violations);
  CheckEvidence(observation, &row, &violations);
  if (!violations.empty()) return base::InvalidFieldsError(std::move(violations));
  return row;
}

}  // namespace snapledger::matchrate
