#include "services/dispatch/pace_sign.h"

#include <gtest/gtest.h>

namespace snapledger::dispatch {
namespace {

using Answer = storage::PaceSign::Answer;
using Verdict = Decision::Verdict;

constexpr absl::Duration kTimeout = absl::Seconds(10);
constexpr storage::PaceAtClaim kTrial = {.calm = false, .breaker = storage::BreakerState::kOpen};

std::optional<storage::PaceSign> SignOf(const Decision& decision,
                                        const storage::PaceAtClaim& claimed = {}) {
  return PaceSignOf(decision, claimed, kTimeout, absl::Seconds(3));
}

TEST(PaceSignTest, WhereAllIsWellThereIsNothingToNote) {
  for (const Verdict verdict :
       {Verdict::kDelivered, Verdict::kRefused, Verdict::kTooLarge, Verdict::kHeld}) {
    EXPECT_FALSE(SignOf({.verdict = verdict, .elapsed = absl::Seconds(7)}).has_value());
    ASSERT_TRUE(SignOf({.verdict = verdict}, kTrial).has_value());
    EXPECT_EQ(SignOf({.verdict = verdict}, kTrial)->answer, Answer::kWorks);
  }
}

TEST(PaceSignTest, ThrottlingSlowsDownAndIsNoFailure) {
  EXPECT_EQ(SignOf({.verdict = Verdict::kThrottled})->answer, Answer::kWorks);
  EXPECT_EQ(SignOf({.verdict = Verdict::kThrottled})->rate_factor, 0.5);
}

TEST(PaceSignTest, DoubtIsAFailureAndSlowsDown) {
  EXPECT_EQ(SignOf({.verdict = Verdict::kDoubt})->answer, Answer::kFailed);
  EXPECT_EQ(SignOf({.verdict = Verdict::kDoubt})->rate_factor, 0.5);
  EXPECT_EQ(SignOf({.verdict = Verdict::kDoubt})->open_for, absl::Seconds(3));
}

TEST(PaceSignTest, NotSentIsAFailureUnlessItWasHeldBack) {
  EXPECT_EQ(SignOf({.verdict = Verdict::kNotSent})->answer, Answer::kFailed);
  EXPECT_EQ(SignOf({.verdict = Verdict::kNotSent})->rate_factor, 1);
  EXPECT_FALSE(SignOf({.verdict = Verdict::kNotSent, .held_back = true}).has_value());
  EXPECT_EQ(SignOf({.verdict = Verdict::kNotSent, .held_back = true}, kTrial)->answer,
            Answer::kNone);
}

TEST(PaceSignTest, SlowAnswersSlowDownMildly) {
  EXPECT_EQ(SignOf({.verdict = Verdict::kDelivered, .elapsed = absl::Seconds(8)})->rate_factor,
            0.9);
}

}  // namespace
}  // namespace snapledger::dispatch
