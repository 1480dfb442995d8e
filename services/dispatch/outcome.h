#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/snap/client.h"

namespace snapledger::dispatch {

// What one answer means for the batch that was sent; docs/architecture.md has the table.
struct Decision {
  enum class Verdict : uint8_t {
    kDelivered,  // 2xx and VALID, complete
    kRefused,    // definite, about content: isolate, or reject where the batch is one event
    kTooLarge,   // 413: split; a single event is refused
    kThrottled,  // 429
    kNotSent,    // certain: no byte of the request left
    kHeld,       // 401, 403 and what only a wrong setting causes: pause the destination
    kDoubt,      // everything else: it may have been processed
  };
  Verdict verdict = Verdict::kDoubt;
  int http_status = 0;
  std::string snap_status;                    // Snap's own status word
  std::string snap_reason;                    // Snap's own text, cut
  std::string error;                          // ours, e.g. "no answer within 10 s"; never a URL
  std::optional<int> event_index;             // the event Snap named, as given
  std::vector<int> record_indexes;            // the events v2's form named, as given
  bool held_back = false;                     // kNotSent: by the dispatcher itself
  absl::Duration elapsed;                     // from the start of the request to its end
  bool another_token = false;                 // kHeld: another live token is tried, no pause
  std::optional<absl::Duration> retry_after;  // of a 429 or 503; nonsense is ignored, cut at 24 h
};

// Reads a reply by the rules of the delivery protocol. `now` dates a Retry-After given as a date.
// Pure: every reply there can be ends in one of the verdicts.
//
//   not sent                                                      kNotSent
//   no complete answer                                            kDoubt
//   INVALID with the reason "Unauthorized resources", any status  kHeld
//   2xx and VALID / INVALID / neither                             kDelivered / kRefused / kDoubt
//   3xx                                                           kHeld
//   401 402 403 404 405 406 407 410 411 414 415 421 426 451       kHeld
//   408 425                                                       kDoubt
//   413                                                           kTooLarge
//   429                                                           kThrottled
//   any other 4xx                                                 kRefused
//   5xx and whatever else                                         kDoubt
//
// A 4xx is held where only a setting, the account or the way to Snap can cause it: waiting loses
// nothing and a probe finds out when it is over. Any other is taken as about this request: were it
// held, one event could stop its destination for good; refused, it is isolated and the rest goes
// on.
Decision Decide(const snap::SnapReply& reply, absl::Time now);

}  // namespace snapledger::dispatch
