#include "services/cli/manual_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/cli/run_command.h"

namespace snapledger::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ManualCommandsTest, HelpAloneListsTheCommands) {
  const Ran ran = RunCommand({"help"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.output, AllOf(HasSubstr("Usage: snapledger COMMAND"), HasSubstr("\n  events "),
                                HasSubstr("\n  completion ")));
}

TEST(ManualCommandsTest, AWrongCommandIsToldWhichHelpListsTheRightOnes) {
  EXPECT_EQ(RunCommand({"help", "nope"}).error,
            "snapledger: no command \"nope\"; snapledger help lists them\n");
  const Ran ran = RunCommand({"help", "events", "nope"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.error, "snapledger: no command \"nope\"; snapledger help events lists them\n");
}

}  // namespace
}  // namespace snapledger::cli
