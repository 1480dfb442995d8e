#include "services/cli/time_flags.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace snapledger::cli {
namespace {

using support::IsOkAndHolds;
using support::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

TEST(ParseDurationTest, TakesDaysToo) {
  EXPECT_THAT(ParseDuration("7d"), IsOkAndHolds(absl::Hours(168)));
  EXPECT_THAT(ParseDuration("1d12h"), IsOkAndHolds(absl::Hours(36)));
  EXPECT_THAT(ParseDuration("90s"), IsOkAndHolds(absl::Seconds(90)));
  EXPECT_THAT(ParseDuration("100ms"), IsOkAndHolds(absl::Milliseconds(100)));
  for (const char* const nonsense : {"", "7", "d", "x7d", "7dx", "week"}) {
    EXPECT_THAT(ParseDuration(nonsense), StatusIs(absl::StatusCode::kInvalidArgument)) << nonsense;
  }
}

TEST(ParseTimeTest, TakesATimeOrAnAge) {
  EXPECT_THAT(ParseTime("2023-11-14T22:13:20Z", kNow), IsOkAndHolds(kNow));
  EXPECT_THAT(ParseTime("2023-11-15T00:13:20+02:00", kNow), IsOkAndHolds(kNow));
  EXPECT_THAT(ParseTime("24h", kNow), IsOkAndHolds(kNow - absl::Hours(24)));
  EXPECT_THAT(ParseTime("yesterday", kNow), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ReadTimeRangeTest, EmptySidesStayOpen) {
  v1::TimeRange range;
  ASSERT_OK(ReadTimeRange("1h", "", kNow, &range));
  EXPECT_EQ(range.start_time().seconds(), 1'700'000'000 - 3600);
  EXPECT_FALSE(range.has_end_time());
}

}  // namespace
}  // namespace snapledger::cli
