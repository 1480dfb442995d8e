#pragma once

#include <cstdint>
#include <vector>

#include "storage/connection.h"
#include "storage/ledger.h"

namespace snapledger::storage {

// Successes that arrive after their attempt's lease was lost: they end the doubt about its events,
// at once where those wait, and at the next doubt where they are in flight again. All of it runs
// inside the caller's transaction.

// Ends the doubt of what the attempt carried: IN_DOUBT becomes DELIVERED, and what is IN_FLIGHT
// under a later attempt is marked.
void TakeLateSuccess(Connection& connection, int32_t shard, const Uuid& attempt_id);

// What is marked among the slices in flight under an attempt.
struct DeliveredLate {
  std::vector<SliceKey> slices;
  int32_t event_count = 0;
};

// Makes the marked slices of an attempt that ends without a success of its own DELIVERED; each
// leaves it by a transition. No slice of the attempt can be marked from here on to the end of the
// transaction.
DeliveredLate DeliverMarked(Connection& connection, int32_t shard, const Uuid& attempt_id);

// Writes how many events left an attempt by transitions of their own.
void SetLeftCount(Connection& connection, int32_t shard, const Uuid& attempt_id, int32_t count);

}  // namespace snapledger::storage
