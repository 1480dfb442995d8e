#include "services/base/periodic.h"

#include <gtest/gtest.h>
#include <sched.h>

#include "absl/synchronization/notification.h"

namespace snapledger::base {
namespace {

// The scheduling policy a periodic function runs under.
int PolicyOf(bool gives_way) {
  int policy = -1;
  absl::Notification ran;
  const Periodic periodic(
      {.name = "test", .interval = absl::InfiniteDuration(), .gives_way = gives_way}, [&] {
        policy = sched_getscheduler(0);
        ran.Notify();
      });
  ran.WaitForNotification();
  return policy;
}

TEST(PeriodicTest, OneThatGivesWayRunsWhereAProcessorIsIdle) {
  EXPECT_EQ(PolicyOf(true), SCHED_IDLE);
  EXPECT_EQ(PolicyOf(false), sched_getscheduler(0));
}

TEST(PeriodicTest, ANudgeRunsItBeforeItsInterval) {
  int runs = 0;
  absl::Notification first, second;
  Periodic periodic({.name = "test", .interval = absl::InfiniteDuration()},
                    [&] { (++runs == 1 ? first : second).Notify(); });
  first.WaitForNotification();
  periodic.Nudge();
  second.WaitForNotification();
  EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace snapledger::base
