#include "storage/pace.h"

#include <gtest/gtest.h>

namespace snapledger::storage {
namespace {

using Answer = PaceSign::Answer;

constexpr Uuid kAttempt = {1};
constexpr PaceSign kWorks = {.answer = Answer::kWorks};
constexpr PaceSign kFailed = {.answer = Answer::kFailed, .open_for = absl::Seconds(3)};
constexpr PaceSign kThrottled = {.answer = Answer::kWorks, .rate_factor = 0.5};

absl::Time At(int seconds) { return absl::FromUnixSeconds(1'700'000'000 + seconds); }

// Failures in a row, sent and recorded at the same moment.
Pace Fail(Pace pace, int times, int at) {
  for (int i = 0; i < times; ++i) pace = AfterAttempt(pace, kFailed, kAttempt, At(at), At(at));
  return pace;
}

// A breaker whose trial is under way since `at`.
Pace OnTrial(int at) {
  Pace pace = Fail({}, kFailuresToOpen, 0);
  pace.breaker = BreakerState::kHalfOpen;
  pace.breaker_change_time = At(at);
  pace.trial_attempt_id = kAttempt;
  return pace;
}

TEST(PaceTest, ARoundOfRequestsSlowsDownOnce) {
  Pace pace = AfterAttempt({}, kThrottled, kAttempt, At(0), At(2));
  EXPECT_EQ(pace.rate_share, 0.5);
  pace = AfterAttempt(pace, kThrottled, kAttempt, At(1), At(3));
  EXPECT_EQ(pace.rate_share, 0.5);
  pace = AfterAttempt(pace, kThrottled, kAttempt, At(4), At(5));
  EXPECT_EQ(pace.rate_share, 0.25);
}

TEST(PaceTest, ThereIsAFloorAndTheWayUpIsEvenAndEnds) {
  Pace pace;
  for (int i = 0; i < 20; ++i) pace = AfterAttempt(pace, kThrottled, kAttempt, At(i), At(i));
  EXPECT_EQ(pace.rate_share, kRateShareMin);
  pace = AfterAttempt(pace, kWorks, kAttempt, At(20), At(20));
  EXPECT_NEAR(pace.rate_share, kRateShareMin + kRateShareStep, 1e-9);
  const Pace same = AfterAttempt(pace, kWorks, kAttempt, At(20), At(20));
  EXPECT_EQ(same, pace);
  for (int i = 21; i < 50; ++i) pace = AfterAttempt(pace, kWorks, kAttempt, At(i), At(i));
  EXPECT_EQ(pace.rate_share, 1);
  EXPECT_TRUE(pace.calm());
}

TEST(PaceTest, OnlyFailuresInARowOpenTheBreaker) {
  Pace pace = Fail({}, kFailuresToOpen - 1, 0);
  pace = AfterAttempt(pace, kWorks, kAttempt, At(1), At(1));
  EXPECT_EQ(pace.failures, 0);
  pace = Fail(pace, kFailuresToOpen - 1, 2);
  EXPECT_EQ(pace.breaker, BreakerState::kClosed);
  pace = Fail(pace, 1, 3);
  EXPECT_EQ(pace.breaker, BreakerState::kOpen);
  EXPECT_EQ(pace.trial_time, At(6));
  EXPECT_EQ(pace.openings, 1);
}

TEST(PaceTest, WhatWasUnderWayWhenItOpenedChangesNothing) {
  const Pace open = Fail({}, kFailuresToOpen, 0);
  EXPECT_EQ(AfterAttempt(open, kWorks, kAttempt, At(0), At(1)), open);
  EXPECT_EQ(AfterAttempt(open, kFailed, kAttempt, At(0), At(1)), open);
  EXPECT_EQ(AfterAttempt(OnTrial(5), kWorks, {2}, At(0), At(6)), OnTrial(5));
}

TEST(PaceTest, TheTrialClosesOrReopensIt) {
  const Pace closed = AfterAttempt(OnTrial(5), kWorks, kAttempt, At(5), At(6));
  EXPECT_TRUE(closed.calm());
  EXPECT_EQ(closed.openings, 0);
  // A failure from before counts no more.
  EXPECT_EQ(AfterAttempt(closed, kFailed, {2}, At(4), At(7)), closed);
  const Pace open = AfterAttempt(OnTrial(5), kFailed, kAttempt, At(5), At(6));
  EXPECT_EQ(open.breaker, BreakerState::kOpen);
  EXPECT_EQ(open.openings, 2);
  EXPECT_EQ(open.trial_time, At(9));
}

TEST(PaceTest, AThrottledTrialClosesIt) {
  const Pace closed = AfterAttempt(OnTrial(5), kThrottled, kAttempt, At(5), At(6));
  EXPECT_EQ(closed.breaker, BreakerState::kClosed);
  EXPECT_EQ(closed.rate_share, 0.5);
}

TEST(PaceTest, ATrialThatWasNotMadeMayBeMadeAtOnce) {
  const Pace pace = AfterAttempt(OnTrial(5), {}, kAttempt, At(5), At(6));
  EXPECT_EQ(pace.breaker, BreakerState::kHalfOpen);
  EXPECT_EQ(pace.trial_time, At(6));
  EXPECT_FALSE(pace.trial_attempt_id.has_value());
}

}  // namespace
}  // namespace snapledger::storage
