#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/random/bit_gen_ref.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/destinations/destination_directory.h"
#include "services/dispatch/batch_builder.h"
#include "services/dispatch/isolation.h"
#include "services/dispatch/outcome.h"
#include "services/dispatch/recording.h"
#include "services/dispatch/retry_policy.h"
#include "services/dispatch/send_slots.h"
#include "services/dispatch/token_choice.h"
#include "services/snap/client.h"
#include "storage/ledger.h"

namespace snapledger::dispatch {

// Who holds and resumes destinations, in the audit log.
inline constexpr std::string_view kDispatcherActor = "dispatcher";

// What the workers of one destination share, whatever their lane. Thread-safe.
class SendState {
 public:
  // Nothing is sent before this moment of the monotonic clock: a Retry-After arrived while other
  // requests were already claimed.
  void ShutUntil(absl::Duration monotonic);
  // How much longer that is; zero where nothing is in the way.
  absl::Duration ShutFor(absl::Duration monotonic) const;
  TokenChoice& tokens() { return tokens_; }
  SendSlots& slots() { return slots_; }

 private:
  mutable absl::Mutex mutex_;
  absl::Duration shut_until_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  TokenChoice tokens_;
  SendSlots slots_;
};

// One pass of delivery for one shard: claim, send, decide, record. Single-threaded by itself; each
// worker has its own.
class DeliveryPass {
 public:
  struct Dependencies {
    storage::Ledger& ledger;
    storage::DestinationStore& destinations;
    destinations::DestinationDirectory& directory;
    security::Envelope& envelope;
    snap::SnapClient& snap;
    const base::Clock& clock;
    // Waits, and returns false when the process stops.
    std::function<bool(absl::Duration)> wait;
  };

  struct Result {
    enum class Kind {
      kSent,     // a batch was sent and its outcome recorded; there may be more
      kSettled,  // something was due but needed no send; there may be more
      kIdle,     // nothing was due
      kWait,     // not before `wait`
    };
    Kind kind = Kind::kIdle;
    absl::Duration wait = absl::ZeroDuration();
  };

  // What a claim said of what is left.
  struct Claimed {
    bool full_batch = false;  // there is likely more than one worker can send
    bool gather = false;      // a request could carry much more, of what arrives meanwhile
  };
  using OnClaimed = std::function<void(const Claimed&)>;

  // The arguments must outlive this.
  DeliveryPass(const Dependencies& dependencies, const RetryPolicy& retry_policy, SendState& state,
               absl::BitGenRef random)
      : dependencies_(dependencies), retry_policy_(retry_policy), state_(state), random_(random) {}

  // One pass. `on_claimed` is told before what was claimed is sent, so that others may claim
  // meanwhile; it must not block.
  Result RunOnce(const destinations::ActiveDestination& destination, int32_t shard,
                 const OnClaimed& on_claimed);

 private:
  Result ClaimAndSend(const destinations::ActiveDestination& destination,
                      const TokenChoice::Token& token, int32_t shard, const OnClaimed& on_claimed);
  // What is claimed is sent, or given back where it may not be now, and its outcome recorded.
  Result SendClaimed(const destinations::ActiveDestination& destination,
                     const TokenChoice::Token& token, const storage::ClaimRequest& claim,
                     const storage::ClaimedBatch& batch, const BatchBuilder& builder,
                     absl::Duration claim_start);
  // A reason not to send what is claimed; nothing of it then counts as a failure. `retry_after` is
  // the wait before the next claim.
  std::optional<Decision> HoldBack(absl::Duration claim_start) const;
  Decision Send(const destinations::ActiveDestination& destination, const TokenChoice::Token& token,
                const std::string& body);
  // Whether a token remains to be tried after this one was refused.
  bool TryAnotherToken(const destinations::ActiveDestination& destination,
                       const TokenChoice::Token& refused);
  absl::Duration RetryDelay(const Decision& decision);
  // Whether a refused batch is to be validated: nothing is known of it yet, the lease is long
  // enough, and the shard's turn to send has come, which this waits for.
  bool MayValidate(const storage::ClaimRequest& claim, const storage::ClaimedBatch& batch,
                   const Decision& decision, absl::Duration lease_end);
  // Asks Snap which events of a body it would not take. No attempt: nothing of it is counted.
  Validation Validate(const destinations::ActiveDestination& destination,
                      const TokenChoice::Token& token, const std::string& body, int event_count);
  void Record(const destinations::ActiveDestination& destination,
              const storage::ClaimRequest& claim, const storage::ClaimedBatch& batch,
              const BatchBuilder& builder, const AttemptResult& result, absl::Duration claim_start);
  // Pauses the destination until a probe succeeds.
  void Hold(const destinations::ActiveDestination& destination, const Decision& decision);
  // `known_until`: when the lease ends and the reaper takes over, on the monotonic clock.
  void WriteRecording(const destinations::ActiveDestination& destination,
                      const storage::RecordRequest& request, absl::Duration known_until);
  void NoteTokenUse(const destinations::ActiveDestination& destination,
                    const TokenChoice::Token& token, const Decision& decision);

  const Dependencies& dependencies_;
  const RetryPolicy& retry_policy_;
  SendState& state_;
  absl::BitGenRef random_;  // of this worker alone
};

}  // namespace snapledger::dispatch
