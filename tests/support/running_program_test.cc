#include "tests/support/running_program.h"

#include <gtest/gtest.h>

#include <csignal>

#include "tests/support/temporary_folder.h"

namespace snapledger::support {
namespace {

TEST(RunningProgramTest, AnEndIsToldAgainAndIsNeverThatOfAnotherProgram) {
  const TemporaryFolder folder;
  const std::string output = folder.path() + "/output";
  RunningProgram other({"/bin/sleep", "60"}, output);
  RunningProgram program({"/bin/sh", "-c", "exit 7"}, output);
  EXPECT_EQ(program.WaitForExit(absl::Seconds(30)), 7);
  other.Signal(SIGKILL);
  EXPECT_EQ(program.WaitForExit(absl::Seconds(30)), 7);
  EXPECT_EQ(other.WaitForExit(absl::Seconds(30)), 128 + SIGKILL);
}

}  // namespace
}  // namespace snapledger::support
