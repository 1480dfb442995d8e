#include "services/dispatch/pace_sign.h"

namespace snapledger::dispatch {
namespace {

constexpr double kTooFast = 0.5;
constexpr double kSlow = 0.9;
// Of the request's time limit.
constexpr double kSlowFrom = 0.8;

storage::PaceSign SignOf(const Decision& decision, absl::Duration request_timeout) {
  using Answer = storage::PaceSign::Answer;
  switch (decision.verdict) {
    case Decision::Verdict::kThrottled:
      return {.answer = Answer::kWorks, .rate_factor = kTooFast};
    case Decision::Verdict::kDoubt:
      return {.answer = Answer::kFailed, .rate_factor = kTooFast};
    case Decision::Verdict::kNotSent:
      return {.answer = decision.held_back ? Answer::kNone : Answer::kFailed};
    case Decision::Verdict::kDelivered:
    case Decision::Verdict::kRefused:
    case Decision::Verdict::kTooLarge:
    case Decision::Verdict::kHeld:
      break;
  }
  const bool slow = decision.elapsed >= kSlowFrom * request_timeout;
  return {.answer = Answer::kWorks, .rate_factor = slow ? kSlow : 1};
}

}  // namespace

std::optional<storage::PaceSign> PaceSignOf(const Decision& decision,
                                            const storage::PaceAtClaim& claimed,
                                            absl::Duration request_timeout,
                                            absl::Duration open_for) {
  storage::PaceSign sign = SignOf(decision, request_timeout);
  sign.open_for = open_for;
  const bool failed = sign.answer == storage::PaceSign::Answer::kFailed;
  if (claimed.calm && !failed && sign.rate_factor == 1) return std::nullopt;
  return sign;
}

}  // namespace snapledger::dispatch
