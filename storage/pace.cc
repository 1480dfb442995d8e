#include "storage/pace.h"

#include <algorithm>

namespace snapledger::storage {
namespace {

void ChangeRate(const PaceSign& sign, absl::Time sent_time, absl::Time now, Pace* pace) {
  if (sign.rate_factor < 1) {
    if (sent_time < pace->rate_decrease_time) return;
    pace->rate_share = std::max(kRateShareMin, pace->rate_share * sign.rate_factor);
    pace->rate_decrease_time = now;
    return;
  }
  const absl::Time changed = std::max(pace->rate_decrease_time, pace->rate_increase_time);
  const bool due = now - changed >= kRateStepInterval;
  if (sign.answer != PaceSign::Answer::kWorks || pace->rate_share == 1 || !due) return;
  pace->rate_share = std::min(1.0, pace->rate_share + kRateShareStep);
  pace->rate_increase_time = now;
}

void Open(absl::Duration open_for, absl::Time now, Pace* pace) {
  pace->breaker = BreakerState::kOpen;
  pace->breaker_change_time = now;
  pace->failures = 0;
  ++pace->openings;
  pace->trial_time = now + open_for;
  pace->trial_attempt_id.reset();
}

void Close(absl::Time now, Pace* pace) {
  pace->breaker = BreakerState::kClosed;
  pace->breaker_change_time = now;
  pace->openings = 0;
  pace->trial_attempt_id.reset();
}

void EndTrial(const PaceSign& sign, absl::Time now, Pace* pace) {
  switch (sign.answer) {
    case PaceSign::Answer::kNone:
      pace->trial_time = now;
      pace->trial_attempt_id.reset();
      break;
    case PaceSign::Answer::kWorks:
      Close(now, pace);
      break;
    case PaceSign::Answer::kFailed:
      Open(sign.open_for, now, pace);
      break;
  }
}

}  // namespace

Pace AfterAttempt(Pace pace, const PaceSign& sign, const Uuid& attempt_id, absl::Time sent_time,
                  absl::Time now) {
  ChangeRate(sign, sent_time, now, &pace);
  if (pace.breaker == BreakerState::kHalfOpen && pace.trial_attempt_id == attempt_id) {
    EndTrial(sign, now, &pace);
  } else if (pace.breaker == BreakerState::kClosed && sent_time >= pace.breaker_change_time) {
    if (sign.answer == PaceSign::Answer::kWorks) pace.failures = 0;
    if (sign.answer == PaceSign::Answer::kFailed && ++pace.failures >= kFailuresToOpen) {
      Open(sign.open_for, now, &pace);
    }
  }
  return pace;
}

}  // namespace snapledger::storage
