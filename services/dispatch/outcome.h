#pragma once

#include <cstdint>
#include <optional>
#include <string>

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
  std::optional<absl::Duration> retry_after;  // of a 429 or 503; nonsense is ignored, cut at 1 h
};

// Reads a reply by the rules of the delivery protocol. `now` dates a Retry-After given as a date.
// Pure: every reply there can be ends in one of the verdicts.
Decision Decide(const snap::SnapReply& reply, absl::Time now);

}  // namespace snapledger::dispatch
