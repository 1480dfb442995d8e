#include "tests/simulation/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace snapledger::simulation {
namespace {

using ::testing::ElementsAre;
using ::testing::Ne;

constexpr int64_t kSwitchesMax = 10000;
constexpr absl::Duration kEnd = absl::Hours(1);

std::string Interleaving(uint64_t seed) {
  Random random(seed);
  Scheduler scheduler(random);
  std::string order;
  for (const char name : {'a', 'b', 'c'}) {
    scheduler.Spawn(scheduler.StartProcess(), absl::ZeroDuration(), [&scheduler, &order, name] {
      for (int i = 0; i < 10; ++i) {
        order.push_back(name);
        scheduler.Sleep(absl::Seconds(1));
      }
    });
  }
  EXPECT_TRUE(scheduler.RunUntil(kEnd, kSwitchesMax));
  return order;
}

TEST(SchedulerTest, TheSameSeedGivesTheSameRun) {
  EXPECT_EQ(Interleaving(1), Interleaving(1));
  EXPECT_THAT(Interleaving(1), Ne(Interleaving(2)));
}

TEST(SchedulerTest, TimePassesOnlyWhereTasksSleep) {
  Random random(1);
  Scheduler scheduler(random);
  std::vector<int64_t> seconds;
  const auto note = [&] { seconds.push_back(absl::ToInt64Seconds(scheduler.Now())); };
  scheduler.Spawn(scheduler.StartProcess(), absl::Seconds(5), [&] {
    note();
    scheduler.Sleep(absl::Minutes(10));
    note();
  });
  scheduler.Spawn(scheduler.StartProcess(), absl::Seconds(60), note);
  EXPECT_TRUE(scheduler.RunUntil(kEnd, kSwitchesMax));
  EXPECT_THAT(seconds, ElementsAre(5, 60, 605));
  EXPECT_EQ(scheduler.Now(), kEnd);
}

TEST(SchedulerTest, AKilledProcessUnwindsAndGoesNoFurther) {
  Random random(1);
  Scheduler scheduler(random);
  const Scheduler::Process victim = scheduler.StartProcess();
  bool unwound = false;
  bool went_on = false;
  scheduler.Spawn(victim, absl::ZeroDuration(), [&] {
    struct Unwind {
      bool& flag;
      ~Unwind() { flag = true; }
    } const unwind{unwound};
    scheduler.Sleep(absl::Seconds(10));
    went_on = true;
  });
  scheduler.Spawn(scheduler.StartProcess(), absl::Seconds(1), [&] { scheduler.Kill(victim); });
  EXPECT_TRUE(scheduler.RunUntil(kEnd, kSwitchesMax));
  EXPECT_TRUE(unwound);
  EXPECT_FALSE(went_on);
  EXPECT_FALSE(scheduler.Alive(victim));
}

TEST(SchedulerTest, EndlessSwitchingIsCutOff) {
  Random random(1);
  Scheduler scheduler(random);
  scheduler.Spawn(scheduler.StartProcess(), absl::ZeroDuration(), [&] {
    while (true) scheduler.Sleep(absl::ZeroDuration());
  });
  EXPECT_FALSE(scheduler.RunUntil(kEnd, kSwitchesMax));
}

}  // namespace
}  // namespace snapledger::simulation
