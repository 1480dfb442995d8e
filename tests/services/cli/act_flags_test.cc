#include "services/cli/act_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::cli {
namespace {

using support::StatusIs;
using ::testing::ElementsAre;

class ActFlagsTest : public ::testing::Test {
 protected:
  ActFlagsTest() { flags_.AddTo(command_, "some"); }

  absl::StatusOr<v1::EventSelection> Selection(const std::string& flags) {
    command_.parse(flags, /*program_name_included=*/false);
    return flags_.Selection();
  }

  CLI::App command_;
  ActFlags flags_;
};

TEST_F(ActFlagsTest, AStateThereIsNotIsAUsageError) {
  EXPECT_THROW((void)Selection("--destination px --state lost"), CLI::ValidationError);
  EXPECT_THROW((void)Selection("--destination px --state unspecified"), CLI::ValidationError);
}

TEST_F(ActFlagsTest, FlagsMakeAFilter) {
  ASSERT_OK_AND_ASSIGN(const v1::EventSelection selection,
                       Selection("--destination px --state rejected,expired --event-name PURCHASE"
                                 " --since 2026-11-23T00:00:00Z"));
  EXPECT_EQ(selection.destination(), "px");
  EXPECT_THAT(selection.states(),
              ElementsAre(v1::DELIVERY_STATE_REJECTED, v1::DELIVERY_STATE_EXPIRED));
  EXPECT_THAT(selection.event_names(), ElementsAre("PURCHASE"));
  EXPECT_TRUE(selection.received().has_start_time());
  EXPECT_FALSE(selection.received().has_end_time());
}

TEST_F(ActFlagsTest, IdsComeFromFlagsAndAFile) {
  const support::TemporaryFolder folder;
  std::ofstream(folder.path() + "/ids") << "b\r\n\nc\n";
  ASSERT_OK_AND_ASSIGN(
      const v1::EventSelection selection,
      Selection("--destination px --event-id a --ids-file " + folder.path() + "/ids"));
  EXPECT_THAT(selection.event_ids(), ElementsAre("a", "b", "c"));
}

// Without ids the selection would mean every event there is.
TEST_F(ActFlagsTest, AFileWithoutIdsIsRefused) {
  const support::TemporaryFolder folder;
  std::ofstream(folder.path() + "/ids") << "\n";
  EXPECT_THAT(Selection("--destination px --ids-file " + folder.path() + "/ids"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace snapledger::cli
