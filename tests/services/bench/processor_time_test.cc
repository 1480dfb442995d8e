#include "services/bench/processor_time.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

namespace snapledger::bench {
namespace {

// Uses the processor for so long, whatever else runs.
void Burn(double seconds) {
  timespec now{};
  do {
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  } while (static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9 < seconds);
}

constexpr double kChildSeconds = 0.2;
// The kernel counts in ticks of a hundredth.
constexpr double kTick = 0.03;

TEST(ParseProcessStatTest, ReadsTheParentAndTheTimes) {
  const auto times = ParseProcessStat(
      "4711 (postgres) S 4700 4711 4711 0 -1 4194304 1000 2000 0 0 31 32 33 34 20 0 1 0 100 1 1");
  ASSERT_TRUE(times.has_value());
  EXPECT_EQ(times->parent, 4700);
  EXPECT_EQ(times->own, 31 + 32);
  EXPECT_EQ(times->children, 33 + 34);
}

TEST(ParseProcessStatTest, IsNotLedAstrayByTheName) {
  const auto times =
      ParseProcessStat("1 (a) S 9 (b) R 7 1 1 0 -1 0 0 0 0 0 5 6 0 0 20 0 1 0 100 1 1");
  ASSERT_TRUE(times.has_value());
  EXPECT_EQ(times->parent, 7);
  EXPECT_EQ(times->own, 11);
}

TEST(ParseProcessStatTest, RefusesWhatIsNoStat) {
  EXPECT_FALSE(ParseProcessStat("").has_value());
  EXPECT_FALSE(ParseProcessStat("1 (a) S 7 1 1").has_value());
  EXPECT_FALSE(
      ParseProcessStat("1 (a) S x 1 1 0 -1 0 0 0 0 0 5 6 0 0 20 0 1 0 100 1 1").has_value());
}

TEST(FamilySecondsTest, KeepsTheTimeOfAChildThatEnded) {
  const double before = FamilySeconds(getpid());
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Burn(kChildSeconds);
    _exit(0);
  }
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_GE(FamilySeconds(getpid()) - before, kChildSeconds - kTick);
  EXPECT_EQ(ProcessSeconds(child), 0);
}

TEST(FamilySecondsTest, CountsAChildThatRunsOrWaitsForItsParent) {
  const double before = FamilySeconds(getpid());
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Burn(kChildSeconds);
    _exit(0);
  }
  siginfo_t ended{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_GE(FamilySeconds(getpid()) - before, kChildSeconds - kTick);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
}

TEST(ProcessSecondsTest, GrowsWithWork) {
  Burn(ProcessSeconds(getpid()) + kChildSeconds);
  EXPECT_GE(ProcessSeconds(getpid()), kChildSeconds - kTick);
  EXPECT_GE(MachineSeconds(), ProcessSeconds(getpid()));
  EXPECT_GT(PeakResidentBytes(getpid()), 1 << 20);
  EXPECT_FALSE(IsPostgres(getpid()));
}

}  // namespace
}  // namespace snapledger::bench
