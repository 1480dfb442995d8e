#pragma once

#include "storage/listing_store.h"
#include "storage/result.h"

namespace snapledger::storage {

// A slice from a row of lot_id, first_position, last_position, event_count, fence, state, queue,
// state_reason, attempt_count, received_time, next_attempt_time, first_sent_time, final_time,
// in_doubt_since is not null, rollup and json_bytes, in this order.
SliceRow ReadSlice(const Result& rows, int row, int32_t shard);

}  // namespace snapledger::storage
