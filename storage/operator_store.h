#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/ledger.h"
#include "storage/listing_store.h"
#include "storage/types.h"

namespace snapledger::storage {

// What becomes of a part of a slice by an operator's act.
struct ActedMove {
  DeliveryState to_state = DeliveryState::kPending;
  // The rest only where it is to be sent: to_state is PENDING, or IN_DOUBT where it ever was in
  // doubt. It then waits in this isolation group; all of a group are given in one call and are due
  // at the same moment.
  Uuid isolation_group{};
  absl::Duration due_in;
  // Its dedup window begins with its next send, whatever was sent before.
  bool new_window = false;
};

struct ActedPart {
  SlicePart part;                 // sizes, rollup and times are only read where the slice is cut
  std::optional<ActedMove> move;  // not set: it stays as it is
};

struct ActedSlice {
  SliceRow read;                 // as it was when the act was decided
  std::vector<ActedPart> parts;  // in order; they cover the slice
};

// Which act it is, for transitions and the audit log.
struct ActRecord {
  std::string action;  // the method, e.g. CancelEvents
  std::string reason;  // kept with every event
  std::string actor;
};

// Writes what operators do. Thread-safe.
class OperatorStore {
 public:
  virtual ~OperatorStore() = default;

  // Moves parts of slices of one shard in one transaction and leaves a transition for each, also
  // where the state stays, and an entry in the audit log where anything was moved. A slice that is
  // no longer what was read (claimed, cut or moved meanwhile, or given before) is left alone. Gives
  // the number of events that were moved. The caller bounds the slices and parts of one call.
  // UNAVAILABLE: perhaps nothing was done; deciding anew from what is then read is safe.
  virtual absl::StatusOr<int64_t> Apply(int32_t shard, absl::Span<const ActedSlice> slices,
                                        const ActRecord& act) = 0;
};

}  // namespace snapledger::storage
