#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace snapledger::base {

// Calls one function again and again on a thread of its own: at once when started, then `interval`
// after each return, sooner when nudged. Thread-safe.
class Periodic {
 public:
  struct Options {
    std::string name;  // of the thread, 15 characters at most
    absl::Duration interval = absl::Seconds(1);
    // Only where a processor is idle: the other threads of the machine go before.
    bool gives_way = false;
  };

  Periodic(Options options, std::function<void()> run_once);
  // Waits for a running call and ends the thread.
  ~Periodic();

  // Runs the function again as soon as it is not running; many nudges may become one run.
  void Nudge();

 private:
  void Run();
  bool NudgedOrStopping() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return nudged_ || stopping_;
  }

  const Options options_;
  const std::function<void()> run_once_;
  absl::Mutex mutex_;
  bool nudged_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace snapledger::base
