#include "services/cli/flag_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/services/cli/run_command.h"

namespace snapledger::cli {
namespace {

using ::testing::HasSubstr;

TEST(FlagChecksTest, ALimitIsToldItsRangeInWholeNumbers) {
  const std::vector<std::vector<std::string>> commands = {
      {"events", "list", "--destination", "p"},
      {"events", "attempts", "--destination", "p"},
      {"audit", "list"}};
  for (std::vector<std::string> command : commands) {
    command.insert(command.end(), {"--limit", ""});
    for (const char* const limit : {"-1", "abc", "1.5"}) {
      command.back() = limit;
      const Ran ran = RunCommand(command);
      EXPECT_EQ(ran.exit_code, 2);
      EXPECT_EQ(ran.error, "--limit: must be a whole number from 0 to 1000000000; 0 lists all");
    }
  }
}

// Of a script whose variable is not set.
TEST(FlagChecksTest, AnEmptyFilterIsRefused) {
  for (const char* const flag : {"--order-id", "--event-name", "--source", "--person", "--since"}) {
    const Ran ran = RunCommand({"events", "list", "--destination", "p", flag, ""});
    EXPECT_EQ(ran.exit_code, 2) << flag;
    EXPECT_THAT(ran.error, HasSubstr(std::string(flag) + ": must not be empty")) << flag;
  }
}

}  // namespace
}  // namespace snapledger::cli
