#include "services/bench/steadiness.h"

#include <gtest/gtest.h>

namespace snapledger::bench {
namespace {

TEST(SteadinessWatchTest, TakesMediansOfTheSecondAndTheLastTenth) {
  SteadinessWatch watch;
  for (int64_t done = 0; done <= 100; ++done) {
    // One look in ten is far off.
    const int64_t resident = done % 10 == 5 ? 100'000 : 1000 + done;
    watch.Look(done, 100, resident, 0);
  }
  const Steadiness steadiness = watch.Result();
  EXPECT_EQ(steadiness.resident_bytes_early, 1016);
  EXPECT_EQ(steadiness.resident_bytes_end, 1096);
}

TEST(SteadinessWatchTest, TakesTheLargestBacklogOfEachHalf) {
  SteadinessWatch watch;
  watch.Look(10, 100, 1, 3);
  watch.Look(49, 100, 1, 7);
  watch.Look(50, 100, 1, 9);
  watch.Look(99, 100, 1, 5);
  EXPECT_EQ(watch.Result().backlog_first_half, 7);
  EXPECT_EQ(watch.Result().backlog_second_half, 9);
}

TEST(SteadinessWatchTest, IsZeroWithoutALook) {
  EXPECT_EQ(SteadinessWatch().Result().resident_bytes_early, 0);
  EXPECT_EQ(SteadinessWatch().Result().resident_bytes_end, 0);
}

}  // namespace
}  // namespace snapledger::bench
