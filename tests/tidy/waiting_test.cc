#include "tests/tidy/samples.h"

namespace snapledger::tidy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CheckWaitingTest, RefusesWaitingByTheClock) {
  EXPECT_THAT(CheckWaiting(OneFile("tests/a_test.cc", "\nabsl::SleepFor(absl::Seconds(1));\n")),
              ElementsAre(FindingAt("tests/a_test.cc", 2, "by the clock")));
  EXPECT_THAT(CheckWaiting(OneFile("tests/a_test.cc", "std::this_thread::sleep_for(1s);\n")),
              ElementsAre(FindingAt("tests/a_test.cc", 1, "by the clock")));
}

TEST(CheckWaitingTest, TellsSleepFromAParameterOfThatName) {
  EXPECT_THAT(
      CheckWaiting(OneFile("services/cli/a.cc", "void Ask(Wait sleep) {\n  sleep(2);\n}\n")),
      ElementsAre(FindingAt("services/cli/a.cc", 2, "by the clock")));
}

TEST(CheckWaitingTest, AllowsWhereAReasonStands) {
  EXPECT_THAT(CheckWaiting(OneFile("tests/e2e/deployment.cc", "absl::SleepFor(step);\n")),
              IsEmpty());
  EXPECT_THAT(CheckWaiting(OneFile("tests/a_test.cc", "// no usleep\ndone.WaitForNotification();")),
              IsEmpty());
}

TEST(CheckSkippedTestsTest, WantsAReason) {
  EXPECT_THAT(CheckSkippedTests(OneFile("tests/a_test.cc", "if (a) GTEST_SKIP();\n")),
              ElementsAre(FindingAt("tests/a_test.cc", 1, "without a word")));
  EXPECT_THAT(CheckSkippedTests(OneFile("tests/a_test.cc", "GTEST_SKIP() << \"no database\";\n")),
              IsEmpty());
}

}  // namespace
}  // namespace snapledger::tidy
