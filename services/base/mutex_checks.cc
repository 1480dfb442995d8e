#include "services/base/mutex_checks.h"

#include "absl/synchronization/mutex.h"

namespace snapledger::base {

void SkipMutexChecksInRelease() {
#ifdef NDEBUG
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
}

}  // namespace snapledger::base
