#include "services/dispatch/retry_policy.h"

#include <algorithm>

#include "absl/random/distributions.h"

namespace snapledger::dispatch {
namespace {

// Far beyond any bound worth setting; keeps the doubling finite.
constexpr int kDoublingsMax = 40;

}  // namespace

absl::Duration RetryPolicy::Delay(int failure_count, absl::BitGenRef random) const {
  const int doublings = std::clamp(failure_count, 1, kDoublingsMax);
  const absl::Duration longest =
      std::max(delay_min, std::min(delay_max, delay_min * (int64_t{1} << doublings)));
  const absl::Duration shortest = std::max(delay_min, longest / 2);
  return shortest + (longest - shortest) * absl::Uniform(random, 0.0, 1.0);
}

}  // namespace snapledger::dispatch
