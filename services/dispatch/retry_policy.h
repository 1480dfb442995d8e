#pragma once

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"

namespace snapledger::dispatch {

// The definite failure that ends an event EXHAUSTED: refused by itself for the so-manieth time, by
// operators' redrives.
inline constexpr int kDefiniteFailuresMax = 12;

// When a destination that failed may be asked again.
struct RetryPolicy {
  absl::Duration delay_min = absl::Milliseconds(500);
  absl::Duration delay_max = absl::Minutes(1);

  // The wait after the `failure_count`-th failure in a row (1 is the first): exponential between
  // the bounds, with full jitter over its upper half, so that many destinations do not return at
  // one instant.
  absl::Duration Delay(int failure_count, absl::BitGenRef random) const;
};

}  // namespace snapledger::dispatch
