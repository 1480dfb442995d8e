#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "snapledger/v1/conversion_event.pb.h"

namespace snapledger::query {

// Start inclusive, end exclusive, in whole microseconds, as fine as the ledger's times are.
struct ReadRange {
  std::optional<absl::Time> start, end;
};

// Reads a TimeRange; a side that is not set is open. INVALID_ARGUMENT naming `field` where a side
// is no time or the start is not before the end.
absl::StatusOr<ReadRange> ReadTimeRange(const v1::TimeRange& range, std::string_view field);

}  // namespace snapledger::query
