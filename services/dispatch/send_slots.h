#pragma once

#include <cstdint>
#include <deque>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace snapledger::dispatch {

// How many requests of one destination this process has under way, over all its lanes. Who waits
// first is served first, so that a busy lane cannot keep another out. Thread-safe.
class SendSlots {
 public:
  // Waits until fewer than `limit` are taken, for `patience` at most. False where that did not
  // happen; else a Release must follow.
  [[nodiscard]] bool Take(int limit, absl::Duration patience);
  void Release();

 private:
  absl::Mutex mutex_;
  int taken_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t next_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<int64_t> waiting_ ABSL_GUARDED_BY(mutex_);  // tickets, first come first
};

}  // namespace snapledger::dispatch
