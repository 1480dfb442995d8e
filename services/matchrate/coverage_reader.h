#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/labels/label_cache.h"
#include "services/matchrate/coverage_rows.h"
#include "storage/delivery_store.h"

namespace snapledger::matchrate {

// Which events to count and what to keep apart.
struct CoverageSelection {
  storage::CoverageStage stage = storage::CoverageStage::kRecorded;
  std::optional<absl::Time> start_time;           // of receipt, inclusive
  std::optional<absl::Time> end_time;             // exclusive
  std::vector<std::string> event_names, sources;  // alternatives; empty: all
  bool by_event_name = false;
  bool by_source = false;
  bool by_action_source = false;
  bool by_hour = false;
  bool by_day = false;  // UTC; an hour given beside it is the finer of the two and stays
  // Counts the events' own slices rather than the counters.
  bool recount = false;
};

// A row of an answer takes up to 9 KB.
inline constexpr size_t kCoverageGroupsMax = 10'000;

// Counts identifiers, exactly, from the books. Thread-safe; blocks on the database.
class CoverageReader {
 public:
  // The arguments must outlive this.
  CoverageReader(storage::DeliveryStore& deliveries, labels::LabelCache& labels)
      : deliveries_(deliveries), labels_(labels) {}

  // The groups that occur in the shards together. INVALID_ARGUMENT where they are more than
  // kCoverageGroupsMax.
  absl::StatusOr<CoverageGroups> Read(const std::vector<int32_t>& shards,
                                      const CoverageSelection& selection);
  // The same, not grouped; no events where none are.
  absl::StatusOr<CoverageCounts> ReadTotal(const std::vector<int32_t>& shards,
                                           const CoverageSelection& selection);

 private:
  storage::DeliveryStore& deliveries_;
  labels::LabelCache& labels_;
};

}  // namespace snapledger::matchrate
