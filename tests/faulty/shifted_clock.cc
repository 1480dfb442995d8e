#include "tests/faulty/shifted_clock.h"

#include <fstream>

namespace snapledger::faulty {
namespace {

constexpr absl::Duration kReadInterval = absl::Milliseconds(50);

}  // namespace

absl::Time ShiftedClock::Now() const { return base::Clock::Real().Now() + Shift(); }

absl::Duration ShiftedClock::Shift() const {
  if (file_.empty()) return absl::ZeroDuration();
  const absl::Duration now = Monotonic();
  absl::MutexLock lock(&mutex_);
  if (now - read_at_ >= kReadInterval) {
    read_at_ = now;
    double seconds = 0;
    std::ifstream(file_) >> seconds;
    shift_ = absl::Seconds(seconds);
  }
  return shift_;
}

}  // namespace snapledger::faulty
