#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "storage/connection.h"
#include "storage/ledger.h"

namespace snapledger::storage {

// Cuts slices and moves them outside an attempt; claim, outcome and operators share it. All of it
// runs inside the caller's transaction.

// Makes the rows of `parts`, which cover the slice in order: the slice's own row becomes the first
// part, the others are copies of it. One part changes nothing.
void CutSlice(Connection& connection, int32_t shard, const SliceKey& slice,
              const std::vector<SlicePart>& parts);

// How a slice an operator sends back to a queue begins again. Where its failures were used up
// (EXHAUSTED) they are counted anew, else they go on counting.
struct NewBeginning {
  absl::Duration due_in;
  bool new_window = false;  // what was sent before does not count for its dedup window
};

struct SliceMove {
  SliceKey key;  // of the row as cut
  int16_t last_position = 0;
  int32_t event_count = 0;
  DeliveryState from_state = DeliveryState::kPending;
  DeliveryState to_state = DeliveryState::kPending;
  Queue queue = Queue::kNone;
  std::optional<Uuid> isolation_group;
  std::optional<NewBeginning> new_beginning;
  std::string reason;
  // How the change is known and Snap's own words for it, where it is a verdict.
  VerdictSource verdict_source = VerdictSource::kUnspecified;
  std::string snap_reason;
  bool always_recorded = false;  // leaves a transition even where the state stays
};

// Gives slices that are not in flight another state or queue; a change of state leaves a
// transition. Each slice is there once.
void MoveSlices(Connection& connection, int32_t shard, absl::Span<const SliceMove> moves,
                std::string_view actor);

// Writes the transition of a move alone.
void InsertTransition(Connection& connection, int32_t shard, const SliceMove& move,
                      std::string_view actor);

}  // namespace snapledger::storage
