#include "tests/chaos/monitor.h"

#include <algorithm>

namespace snapledger::chaos {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(400);
constexpr absl::Duration kAnswerMax = absl::Seconds(3);

}  // namespace

Monitor::Monitor(Administration& administration)
    : administration_(administration), thread_([this] { Run(); }) {}

Monitor::~Monitor() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

Monitor::View Monitor::view() const {
  absl::MutexLock lock(&mutex_);
  return view_;
}

bool Monitor::AwaitDelivered(int64_t more_than, absl::Duration time_max) const {
  absl::MutexLock lock(&mutex_);
  const auto grown = [this, more_than]()
                         ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return view_.delivered > more_than; };
  return mutex_.AwaitWithTimeout(absl::Condition(&grown), time_max);
}

bool Monitor::AwaitDrained(absl::Duration time_max) const {
  absl::MutexLock lock(&mutex_);
  // The answer that comes next may have been asked for before.
  const int64_t from = view_.answers + 2;
  const auto drained = [this, from]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return view_.answers >= from && view_.waiting == 0;
  };
  return mutex_.AwaitWithTimeout(absl::Condition(&drained), time_max);
}

void Monitor::Run() {
  for (;;) {
    const auto counts = administration_.CountStates(kAnswerMax);
    absl::MutexLock lock(&mutex_);
    if (counts.has_value()) {
      const auto count = [&counts](v1::DeliveryState state) {
        const auto found = counts->find(state);
        return found == counts->end() ? 0 : found->second;
      };
      const int64_t in_doubt = count(v1::DELIVERY_STATE_IN_DOUBT);
      ++view_.answers;
      view_.delivered = count(v1::DELIVERY_STATE_DELIVERED);
      view_.waiting =
          count(v1::DELIVERY_STATE_PENDING) + count(v1::DELIVERY_STATE_IN_FLIGHT) + in_doubt;
      view_.in_doubt_max = std::max(view_.in_doubt_max, in_doubt);
      view_.counts = *counts;
    }
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kInterval)) return;
  }
}

}  // namespace snapledger::chaos
