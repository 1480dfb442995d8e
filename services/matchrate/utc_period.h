#pragma once

#include "absl/time/time.h"

namespace snapledger::matchrate {

inline constexpr absl::Duration kHour = absl::Hours(1);
inline constexpr absl::Duration kDay = absl::Hours(24);

// The beginning of the UTC hour or day that `time` lies in. Pure.
inline absl::Time StartOf(absl::Time time, absl::Duration period) {
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), period);
}

}  // namespace snapledger::matchrate
