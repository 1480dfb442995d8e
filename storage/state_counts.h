#pragma once

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "storage/connection.h"
#include "storage/types.h"

namespace snapledger::storage {

using StateCounts = absl::flat_hash_map<DeliveryState, int64_t>;

// How many events of a shard are in each state, set-aside ones included: exact where the connection
// reads one snapshot, or where nobody folds the shard's counters meanwhile (HoldFolding).
// NOT_FOUND is thrown where there is no such shard.
StateCounts CountStates(Connection& connection, int32_t shard);

// Keeps others from folding the shard's counters until this transaction ends.
void HoldFolding(Connection& connection, int32_t shard);

}  // namespace snapledger::storage
