#include "services/query/time_range.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace snapledger::query {
namespace {

using support::StatusIs;

v1::TimeRange Range(int64_t start, int64_t end) {
  v1::TimeRange range;
  range.mutable_start_time()->set_seconds(start);
  range.mutable_end_time()->set_seconds(end);
  return range;
}

TEST(ReadTimeRangeTest, OpenSidesStayOpen) {
  ASSERT_OK_AND_ASSIGN(const ReadRange range, ReadTimeRange({}, "received"));
  EXPECT_FALSE(range.start.has_value());
  EXPECT_FALSE(range.end.has_value());
}

TEST(ReadTimeRangeTest, NanosecondsAreRoundedUp) {
  v1::TimeRange message = Range(5, 9);
  message.mutable_start_time()->set_nanos(1);
  ASSERT_OK_AND_ASSIGN(const ReadRange range, ReadTimeRange(message, "received"));
  EXPECT_EQ(range.start, absl::FromUnixSeconds(5) + absl::Microseconds(1));
  EXPECT_EQ(range.end, absl::FromUnixSeconds(9));
}

TEST(ReadTimeRangeTest, NonsenseIsRefused) {
  for (const v1::TimeRange& range : {Range(9, 9), Range(9, 5), Range(0, 253402300800)}) {
    EXPECT_THAT(ReadTimeRange(range, "received"), StatusIs(absl::StatusCode::kInvalidArgument));
  }
  v1::TimeRange negative = Range(1, 2);
  negative.mutable_end_time()->set_nanos(-1);
  EXPECT_THAT(ReadTimeRange(negative, "received"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace snapledger::query
