#include "services/bench/latencies.h"

#include <gtest/gtest.h>

#include <numeric>

namespace snapledger::bench {
namespace {

TEST(PercentilesOfTest, TakesTheNearestRank) {
  std::vector<double> values(200);
  std::iota(values.rbegin(), values.rend(), 1);
  const Percentiles percentiles = PercentilesOf(values);
  EXPECT_EQ(percentiles.p50_ms, 100);
  EXPECT_EQ(percentiles.p95_ms, 190);
  EXPECT_EQ(percentiles.p99_ms, 198);
}

TEST(PercentilesOfTest, GivesTheOneValueForEachShare) {
  const Percentiles percentiles = PercentilesOf({7});
  EXPECT_EQ(percentiles.p50_ms, 7);
  EXPECT_EQ(percentiles.p99_ms, 7);
}

TEST(PercentilesOfTest, IsZeroWithoutValues) { EXPECT_EQ(PercentilesOf({}).p99_ms, 0); }

}  // namespace
}  // namespace snapledger::bench
