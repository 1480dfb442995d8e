#pragma once

#include "storage/delivery_store.h"
#include "storage/result.h"

namespace snapledger::storage {

// An attempt from a row of attempt_id, batch_id, sent_time, recorded_time, http_status,
// snap_status, snap_reason, error, outcome, verdict_source, event_count, body_sha256, from_state,
// to_state and state_reason, in this order. The number stays 0: it is a matter of single events.
AttemptRow ReadAttempt(const Result& rows, int row);

}  // namespace snapledger::storage
