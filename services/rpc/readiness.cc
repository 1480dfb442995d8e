#include "services/rpc/readiness.h"

#include <algorithm>

namespace snapledger::rpc {

void Readiness::NoteWrite(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  if (status.ok()) failing_since_ = absl::InfiniteDuration();
  if (!absl::IsUnavailable(status) && !absl::IsInternal(status)) return;
  last_failure_ = clock_.Monotonic();
  failing_since_ = std::min(failing_since_, last_failure_);
}

void Readiness::NoteProbe(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  const bool was_away = probe_failed_;
  probe_failed_ = !status.ok();
  if (!status.ok()) return;
  last_good_probe_ = clock_.Monotonic();
  if (was_away) failing_since_ = absl::InfiniteDuration();
}

bool Readiness::Ready() const {
  absl::MutexLock lock(&mutex_);
  const absl::Duration now = clock_.Monotonic();
  if (now - last_good_probe_ > kPatience) return false;
  const bool writes_fail = now - failing_since_ > kPatience;
  return !writes_fail || now - last_failure_ > kWriteMemory;
}

}  // namespace snapledger::rpc
