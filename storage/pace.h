#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "storage/types.h"

namespace snapledger::storage {

// How fast a destination is sent to just now, and whether at all: the same for every process,
// because it is kept in the database.

// The least share of its configured rate that a destination is slowed down to, and by how much of
// that rate it is sped up again, at most once an interval.
inline constexpr double kRateShareMin = 0.05;
inline constexpr double kRateShareStep = 0.05;
inline constexpr absl::Duration kRateStepInterval = absl::Seconds(1);
// So many failures in a row open the circuit breaker.
inline constexpr int kFailuresToOpen = 5;

enum class BreakerState : int16_t {
  kClosed = 0,
  kOpen = 1,      // nothing is sent until `trial_time`
  kHalfOpen = 2,  // one request is under way, the trial; the rest waits for its answer
};

// Times are the database's.
struct Pace {
  double rate_share = 1;  // of the configured rate
  absl::Time rate_decrease_time = absl::InfinitePast();
  absl::Time rate_increase_time = absl::InfinitePast();
  BreakerState breaker = BreakerState::kClosed;
  absl::Time breaker_change_time = absl::InfinitePast();
  int32_t failures = 0;  // in a row, while closed
  int32_t openings = 0;  // in a row, since it was last closed
  // From when on a (further) trial may be sent: the end of the wait, or of the trial's lease.
  absl::Time trial_time = absl::InfinitePast();
  std::optional<Uuid> trial_attempt_id;

  // Nothing to be noted of a request that works.
  bool calm() const { return rate_share == 1 && breaker == BreakerState::kClosed && failures == 0; }
  friend bool operator==(const Pace&, const Pace&) = default;
};

// What an attempt tells of the pace.
struct PaceSign {
  enum class Answer : uint8_t {
    kNone,    // it was not made
    kWorks,   // a complete answer: Snap is there, whatever it says
    kFailed,  // no answer, or one of a server that fails
  };
  Answer answer = Answer::kNone;
  double rate_factor = 1;   // below 1: too fast; the rate is multiplied by it
  absl::Duration open_for;  // how long the breaker stays open, should this open it
};

// The pace after an attempt that was claimed at `sent_time`. Of several requests that were under
// way together only the first slows the destination down; failures of requests that were sent
// before the breaker changed count no more, and only its trial closes or reopens it. Pure.
Pace AfterAttempt(Pace pace, const PaceSign& sign, const Uuid& attempt_id, absl::Time sent_time,
                  absl::Time now);

}  // namespace snapledger::storage
