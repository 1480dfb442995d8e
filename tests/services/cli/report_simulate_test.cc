#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/cli/run_command.h"

namespace snapledger::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ReportSimulateTest, AnIdentifierThereIsNotIsToldThoseThereAre) {
  const Ran ran = RunCommand({"report", "simulate", "--destination", "p", "--set", "fone=78%"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.error, HasSubstr("--set fone: KIND must be one of email, phone, mobile-ad-id, "
                                   "ip-and-user-agent, click-id, cookie1, external-id, idfv"));
}

TEST(ReportSimulateTest, HelpSaysOnceThatAFlagMayBeRepeated) {
  const std::string help = RunCommand({"help", "report", "simulate"}).output;
  EXPECT_THAT(help, AllOf(HasSubstr("may be repeated [as it is]"),
                          Not(HasSubstr("repeated; may be repeated")), Not(HasSubstr("\\\\"))));
}

}  // namespace
}  // namespace snapledger::cli
