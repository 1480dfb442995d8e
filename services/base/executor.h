#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace snapledger::base {

// A fixed number of threads working off a bounded queue. gRPC's callback threads hand everything
// that waits or computes for long to one of these. Thread-safe.
class Executor {
 public:
  struct Options {
    std::string name;  // of the threads, 15 characters at most
    int thread_count = 2;
    size_t queue_limit = 1000;  // tasks waiting
  };

  explicit Executor(Options options);
  // Runs what was accepted, then joins the threads.
  ~Executor();

  // False when the queue is full or the executor is stopping; the task is then not run.
  [[nodiscard]] bool TryPost(std::function<void()> task);

 private:
  void Run();
  bool HasWorkOrStopping() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !queue_.empty();
  }

  const Options options_;
  absl::Mutex mutex_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace snapledger::base
