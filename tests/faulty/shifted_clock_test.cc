#include "tests/faulty/shifted_clock.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace snapledger::faulty {
namespace {

TEST(ShiftedClockTest, TheFileShiftsTheWallTimeAlone) {
  const support::TemporaryFolder folder;
  const std::string file = folder.path() + "/shift";
  std::ofstream(file) << "-259200\n";
  const ShiftedClock clock(file);
  const absl::Duration shift = clock.Now() - base::Clock::Real().Now();
  EXPECT_LT(shift, -absl::Hours(72) + absl::Seconds(10));
  EXPECT_GT(shift, -absl::Hours(72) - absl::Seconds(10));
  EXPECT_LT(clock.Monotonic() - base::Clock::Real().Monotonic(), absl::Seconds(10));
}

TEST(ShiftedClockTest, WithoutAFileNothingIsShifted) {
  for (const char* const file : {"", "/nowhere/to/be/found"}) {
    const absl::Duration shift = ShiftedClock(file).Now() - base::Clock::Real().Now();
    EXPECT_LT(absl::AbsDuration(shift), absl::Seconds(10)) << file;
  }
}

}  // namespace
}  // namespace snapledger::faulty
