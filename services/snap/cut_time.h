#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "absl/time/time.h"
#include "services/base/clock.h"

namespace snapledger::snap {

// When requests are cut because the process stops; at first never. Thread-safe.
class CutTime {
 public:
  // `monotonic`: a moment of the real monotonic clock.
  void Set(absl::Duration monotonic) { nanoseconds_ = absl::ToInt64Nanoseconds(monotonic); }
  bool Passed() const {
    return absl::ToInt64Nanoseconds(base::Clock::Real().Monotonic()) >= nanoseconds_;
  }

 private:
  std::atomic<int64_t> nanoseconds_ = std::numeric_limits<int64_t>::max();
};

}  // namespace snapledger::snap
