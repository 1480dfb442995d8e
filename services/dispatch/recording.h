#pragma once

#include <functional>

#include "absl/time/time.h"
#include "services/dispatch/isolation.h"
#include "services/dispatch/outcome.h"
#include "storage/ledger.h"

namespace snapledger::dispatch {

// What came of an attempt.
struct AttemptResult {
  Decision decision;
  Validation validation;  // of a refused batch of several
  // The wait before the destination is asked again after a failure; a longer Retry-After takes its
  // place.
  absl::Duration retry_delay;
};

// Turns the verdict on an attempt into what becomes of its events, by the states of the protocol:
//   delivered         DELIVERED
//   refused, one      REJECTED; EXHAUSTED where it is so often; EXPIRED_IN_DOUBT
//                     (REFUSED_AFTER_DOUBT) where it was in doubt
//   refused, several  the search for what is refused goes on (isolation.h)
//   too large         two isolation groups; one event: as refused
//   throttled, not sent, held   back to where it came from; nothing counts against the event; the
//                     destination of a held one is for the caller to pause
//   doubt             IN_DOUBT; out of a group that is searched
// What waits for the outcome of an isolation group's part is released by it: due at once, together
// with the part, or later. Pure but for the group ids.
storage::RecordRequest MakeRecording(const AttemptResult& result,
                                     const storage::ClaimRequest& claim,
                                     const storage::ClaimedBatch& batch, const FramesOf& frames_of,
                                     const std::function<storage::Uuid()>& make_uuid);

}  // namespace snapledger::dispatch
