#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/base/clock.h"

namespace snapledger::faulty {

// The machine's clocks with the wall time shifted by what a file says at the moment: a number of
// seconds, which may be negative or have decimals; none, or no file: not at all. The file is read
// again at most every 50 ms. Put a new one in its place whole (rename). Thread-safe.
class ShiftedClock final : public base::Clock {
 public:
  // An empty path: never shifted.
  explicit ShiftedClock(std::string file) : file_(std::move(file)) {}

  absl::Time Now() const override;
  absl::Duration Monotonic() const override { return base::Clock::Real().Monotonic(); }

 private:
  absl::Duration Shift() const;

  const std::string file_;
  mutable absl::Mutex mutex_;
  mutable absl::Duration read_at_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  mutable absl::Duration shift_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::faulty
