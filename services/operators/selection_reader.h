#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "services/destinations/destination_directory.h"
#include "services/labels/label_cache.h"
#include "services/operators/event_selection.h"
#include "storage/listing_store.h"

namespace snapledger::operators {

// A slice of which some events or all are selected.
struct SelectedSlice {
  storage::SliceRow row;
  int64_t event_count = 0;         // selected ones
  std::vector<int16_t> positions;  // where they were named by id: theirs, ascending

  bool whole() const { return event_count == row.event_count; }
};

struct SelectedEvents {
  int64_t event_count = 0;
  std::vector<int32_t> name_labels;   // of the names asked for; empty: any
  std::vector<SelectedSlice> slices;  // by shard, oldest first; empty where there are too many
};

// Finds the events of a selection. Blocks on the database. Thread-safe.
class SelectionReader {
 public:
  // The arguments must outlive this.
  SelectionReader(storage::ListingStore& listing, labels::LabelCache& labels)
      : listing_(listing), labels_(labels) {}

  // The events of the destination that are selected and that the act concerns: counted all, given
  // where they are at most `events_max`. Exact without reading payloads.
  absl::StatusOr<SelectedEvents> Read(OperatorAct act,
                                      const destinations::ActiveDestination& destination,
                                      const EventSelection& selection, int64_t events_max);

 private:
  absl::Status ReadShard(OperatorAct act, int32_t shard, const storage::SliceFilter& filter,
                         int64_t events_max, SelectedEvents* selected);
  absl::Status ReadIds(OperatorAct act, const destinations::ActiveDestination& destination,
                       const EventSelection& selection, SelectedEvents* selected);

  storage::ListingStore& listing_;
  labels::LabelCache& labels_;
};

}  // namespace snapledger::operators
