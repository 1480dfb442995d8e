#pragma once

#include "absl/time/time.h"

namespace snapledger::base {

// Time as the service sees it. Thread-safe. Leases, windows and due times are never compared with
// this clock: the database's own now() decides those. It dates log lines, validates event times and
// measures durations.
class Clock {
 public:
  virtual ~Clock() = default;

  // Wall time; may jump.
  virtual absl::Time Now() const = 0;

  // Time since some fixed point; never jumps and never goes back.
  virtual absl::Duration Monotonic() const = 0;

  // The machine's clocks.
  static const Clock& Real();
};

}  // namespace snapledger::base
