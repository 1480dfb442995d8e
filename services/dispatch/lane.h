#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/dispatch/delivery_pass.h"

namespace snapledger::dispatch {

// The threads that deliver one shard of one destination, so that a destination that hangs holds up
// nobody else's. Threads are made when there is work for them, up to the lane's share of the
// destination's limit of requests in flight, and then wait; SendSlots hold the limit itself.
// Thread-safe.
class Lane {
 public:
  // The arguments must outlive this.
  Lane(std::string destination_id, int32_t shard, const DeliveryPass::Dependencies& dependencies,
       const RetryPolicy& retry_policy, std::shared_ptr<SendState> state);
  // Ends the workers after what they have in flight.
  ~Lane();

  // Something may be due: an idle worker looks, or a new one. Never blocks.
  void Wake();
  // Workers take nothing more from now on.
  void Stop();

 private:
  void RunWorker();
  // Waits for a wake or the end; false at the end.
  bool AwaitWork();
  // Waits until the next claim may be made and makes the one after it wait; false where another
  // worker waits already, or at the end.
  bool AwaitTurnToClaim();
  // Nothing is to be gathered: the next claim need not wait.
  void EndGathering();
  // While what was claimed is sent, another worker claims what is left.
  void NoteClaimed(const DeliveryPass::Claimed& claimed);
  // Waits out `wait`, but not for longer than it takes to notice a change made elsewhere.
  void AwaitGate(absl::Duration wait);
  void StartWorkerLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int WorkersMax() const;
  bool WokenOrStopping() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return wakes_ > 0 || stopping_;
  }
  bool ClaimAtOnceOrStopping() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return next_claim_ == -absl::InfiniteDuration() || stopping_;
  }

  const std::string destination_id_;
  const int32_t shard_;
  const DeliveryPass::Dependencies& dependencies_;
  const RetryPolicy& retry_policy_;
  const std::shared_ptr<SendState> state_;  // of the destination
  absl::Mutex mutex_;
  int wakes_ ABSL_GUARDED_BY(mutex_) = 0;
  int idle_workers_ ABSL_GUARDED_BY(mutex_) = 0;
  bool gated_ ABSL_GUARDED_BY(mutex_) = false;      // a worker waits for the gate; others need not
  bool gathering_ ABSL_GUARDED_BY(mutex_) = false;  // a worker waits for its turn to claim
  // On the monotonic clock.
  absl::Duration next_claim_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> workers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::dispatch
