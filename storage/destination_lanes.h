#pragma once

#include <cstdint>
#include <vector>

#include "storage/connection.h"

namespace snapledger::storage {

// Within a transaction that holds the destination's row.

// Makes the shards of the first `lane_count` lanes that are not there yet. They take over the gate
// of the others: a pause, a Retry-After and the rate hold for them too.
void EnsureShards(Connection& connection, int32_t destination_number, int32_t lane_count);

// Puts the events that are appended from the commit on into `after` lanes, and remembers where the
// earlier ones are.
void ChangeLaneCount(Connection& connection, int32_t destination_number, int32_t before,
                     int32_t after);

std::vector<int32_t> ShardsOf(Connection& connection, int32_t destination_number);

}  // namespace snapledger::storage
