#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace snapledger::cli {

// Repeats a call that may be repeated safely while it fails with UNAVAILABLE, RESOURCE_EXHAUSTED or
// DEADLINE_EXCEEDED: after the delay the service asked for, else one that doubles from 200 ms to
// 5 s. Gives up, with the last status, once `patience` has passed. `sleep` waits.
absl::Status CallPatiently(const std::function<absl::Status()>& call, absl::Duration patience,
                           const std::function<void(absl::Duration)>& sleep);

}  // namespace snapledger::cli
