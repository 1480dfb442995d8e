#include "services/dispatch/send_slots.h"

#include <algorithm>

namespace snapledger::dispatch {

bool SendSlots::Take(int limit, absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  const int64_t ticket = next_ticket_++;
  waiting_.push_back(ticket);
  const auto my_turn = [this, ticket, limit]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return waiting_.front() == ticket && taken_ < limit;
  };
  const bool taken = mutex_.AwaitWithTimeout(absl::Condition(&my_turn), patience);
  waiting_.erase(std::find(waiting_.begin(), waiting_.end(), ticket));
  if (taken) ++taken_;
  return taken;
}

void SendSlots::Release() {
  absl::MutexLock lock(&mutex_);
  --taken_;
}

}  // namespace snapledger::dispatch
