#include "services/dispatch/retry_policy.h"

#include <gtest/gtest.h>

#include <random>

namespace snapledger::dispatch {
namespace {

TEST(RetryPolicyTest, GrowsWithinItsBounds) {
  const RetryPolicy policy;
  std::mt19937_64 random(1);
  absl::Duration longest = policy.delay_min;
  for (int failure_count = 1; failure_count <= 100; ++failure_count) {
    longest = std::min(longest * 2, policy.delay_max);
    for (int i = 0; i < 100; ++i) {
      const absl::Duration delay = policy.Delay(failure_count, random);
      EXPECT_GE(delay, std::max(policy.delay_min, longest / 2)) << failure_count;
      EXPECT_LE(delay, longest) << failure_count;
    }
  }
}

TEST(RetryPolicyTest, SpreadsEqualFailures) {
  const RetryPolicy policy;
  std::mt19937_64 random(2);
  absl::Duration least = absl::InfiniteDuration();
  absl::Duration most = absl::ZeroDuration();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration delay = policy.Delay(5, random);
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_LT(least, absl::Seconds(8.2));
  EXPECT_GT(most, absl::Seconds(15.8));
}

TEST(RetryPolicyTest, StandsOddNumbers) {
  std::mt19937_64 random(3);
  const RetryPolicy policy;
  for (const int failure_count : {-7, 0, 1}) {
    EXPECT_GE(policy.Delay(failure_count, random), policy.delay_min);
    EXPECT_LE(policy.Delay(failure_count, random), 2 * policy.delay_min);
  }
  const RetryPolicy fixed{absl::Seconds(1), absl::Seconds(1)};
  EXPECT_EQ(fixed.Delay(1000, random), absl::Seconds(1));
}

}  // namespace
}  // namespace snapledger::dispatch
