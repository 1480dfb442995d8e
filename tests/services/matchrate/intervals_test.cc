#include "services/matchrate/intervals.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

using support::StatusIs;

TEST(IntervalsTest, AgreeWithScipy) {
  std::ifstream file(SNAPLEDGER_SOURCE_DIR "/tests/golden/matchrate/intervals.csv");
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  int rows = 0;
  while (std::getline(file, line)) {
    std::vector<double> row;
    for (const absl::string_view cell : absl::StrSplit(line, ',')) {
      ASSERT_TRUE(absl::SimpleAtod(cell, &row.emplace_back())) << line;
    }
    ASSERT_EQ(row.size(), 7U) << line;
    const auto x = static_cast<int64_t>(row[0]);
    const auto n = static_cast<int64_t>(row[1]);
    ASSERT_OK_AND_ASSIGN(const Interval wilson, WilsonInterval(x, n, row[2]));
    ASSERT_OK_AND_ASSIGN(const Interval jeffreys, JeffreysInterval(x, n, row[2]));
    EXPECT_NEAR(wilson.lower, row[3], 1e-9) << line;
    EXPECT_NEAR(wilson.upper, row[4], 1e-9) << line;
    EXPECT_NEAR(jeffreys.lower, row[5], 1e-9) << line;
    EXPECT_NEAR(jeffreys.upper, row[6], 1e-9) << line;
    ++rows;
  }
  EXPECT_EQ(rows, 54);
}

TEST(IntervalsTest, EndAtZeroAndOne) {
  for (const auto interval : {WilsonInterval, JeffreysInterval}) {
    EXPECT_EQ(interval(0, 7, 0.95)->lower, 0);
    EXPECT_GT(interval(0, 7, 0.95)->upper, 0.2);
    EXPECT_EQ(interval(7, 7, 0.95)->upper, 1);
    EXPECT_LT(interval(7, 7, 0.95)->lower, 0.8);
  }
}

TEST(IntervalsTest, RefuseWhatIsNoProportion) {
  for (const auto interval : {WilsonInterval, JeffreysInterval}) {
    EXPECT_THAT(interval(11, 10, 0.95), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(interval(-1, 10, 0.95), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(interval(0, 0, 0.95), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(interval(1, 2, 1), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(interval(1, 2, 0), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(SampleQuantileTest, InterpolatesBetweenValues) {
  const std::vector<double> sample = {1, 2, 4, 8};
  EXPECT_DOUBLE_EQ(SampleQuantile(sample, 0), 1);
  EXPECT_DOUBLE_EQ(SampleQuantile(sample, 0.5), 3);
  EXPECT_DOUBLE_EQ(SampleQuantile(sample, 1), 8);
}

}  // namespace
}  // namespace snapledger::matchrate
