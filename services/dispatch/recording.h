#pragma once

#include <functional>
#include <vector>

#include "absl/time/time.h"
#include "services/dispatch/outcome.h"
#include "services/event/lot_codec.h"
#include "storage/ledger.h"

namespace snapledger::dispatch {

// Turns the verdict on an attempt into what becomes of its events, by the states of the protocol:
//   delivered         DELIVERED
//   refused, one      REJECTED; EXPIRED_IN_DOUBT (REFUSED_AFTER_DOUBT) where it was in doubt
//   refused, several  two isolation groups
//   too large         the same
//   throttled, not sent, held   back to where it came from; nothing counts against the event; the
//                     destination of a held one is for the caller to pause
//   doubt             IN_DOUBT
// `retry_delay` is the wait before the destination is asked again after a failure; a longer
// Retry-After takes its place. Pure but for the group ids.
storage::RecordRequest MakeRecording(
    const Decision& decision, const storage::ClaimRequest& claim,
    const storage::ClaimedBatch& batch, absl::Duration retry_delay,
    const std::function<const std::vector<event::Frame>&(int64_t lot_id)>& frames_of,
    const std::function<storage::Uuid()>& make_uuid);

}  // namespace snapledger::dispatch
