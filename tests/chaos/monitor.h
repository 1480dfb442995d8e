#pragma once

#include <cstdint>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/chaos/administration.h"

namespace snapledger::chaos {

// Asks all the time how deliveries stand. Thread-safe.
class Monitor {
 public:
  explicit Monitor(Administration& administration);
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;
  ~Monitor();

  struct View {
    int64_t answers = 0;  // to its questions, so far
    int64_t delivered = 0;
    int64_t waiting = 0;  // PENDING, IN_FLIGHT or IN_DOUBT
    int64_t in_doubt_max = 0;
    Administration::StateCounts counts;
  };
  View view() const;

  // Until more is delivered than that. False: not within the time.
  bool AwaitDelivered(int64_t more_than, absl::Duration time_max) const;
  // Until nothing waits any more, by an answer to a question asked from now on.
  bool AwaitDrained(absl::Duration time_max) const;

 private:
  void Run();

  Administration& administration_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  View view_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace snapledger::chaos
