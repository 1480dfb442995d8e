#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/connection.h"
#include "storage/ledger.h"

namespace snapledger::storage {

// Cuts slices and moves them outside an attempt; claim, outcome and operators share it. All of it
// runs inside the caller's transaction.

// Makes the rows of `parts`, which cover the slice in order: the slice's own row becomes the first
// part, the others are copies of it. One part changes nothing.
void CutSlice(Connection& connection, int32_t shard, const SliceKey& slice,
              const std::vector<SlicePart>& parts);

struct SliceMove {
  SliceKey key;  // of the row as cut
  int16_t last_position = 0;
  int32_t event_count = 0;
  DeliveryState from_state = DeliveryState::kPending;
  DeliveryState to_state = DeliveryState::kPending;
  Queue queue = Queue::kNone;
  std::optional<Uuid> isolation_group;
  std::string reason;
  // How the change is known and Snap's own words for it, where it is a verdict.
  VerdictSource verdict_source = VerdictSource::kUnspecified;
  std::string snap_reason;
};

// Gives a slice that is not in flight another state or queue; a change of state leaves a
// transition.
void MoveSlice(Connection& connection, int32_t shard, const SliceMove& move,
               std::string_view actor);

// Writes the transition of a move alone.
void InsertTransition(Connection& connection, int32_t shard, const SliceMove& move,
                      std::string_view actor);

}  // namespace snapledger::storage
