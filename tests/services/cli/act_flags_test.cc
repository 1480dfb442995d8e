#include "services/cli/act_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::cli {
namespace {

using support::StatusIs;
using ::testing::ElementsAre;
using ::testing::StartsWith;

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

class LeftOutTest : public ActFlagsTest {
 protected:
  // What is said beside the result of an act on `flags` that acts on so many events.
  std::string Said(const std::string& flags, int64_t done) {
    const absl::StatusOr<v1::EventSelection> selection =
        Selection("--destination px --yes " + flags);
    EXPECT_OK(selection.status());
    std::ostringstream said;
    std::streambuf* const own = std::cerr.rdbuf(said.rdbuf());
    const int code = flags_.Run(
        "Cancel", *selection, [done](bool) { return done; }, [] {});
    std::cerr.rdbuf(own);
    EXPECT_EQ(code, kDone);
    return said.str();
  }
};

TEST_F(LeftOutTest, IdsThatWereNotActedOnAreCounted) {
  EXPECT_THAT(Said("--event-id a --event-id b --event-id c --event-id a", 1),
              StartsWith("snapledger: left out: 2 of 3 given ids, "));
}

TEST_F(LeftOutTest, OneIdIsCountedAsOne) {
  EXPECT_THAT(Said("--event-id a", 0), StartsWith("snapledger: left out: 1 of 1 given id, "));
}

TEST_F(LeftOutTest, NothingIsSaidWhereNoneWasLeftOut) {
  EXPECT_EQ(Said("--event-id a --event-id b", 2), "");
}

TEST_F(LeftOutTest, NothingIsSaidWithoutIds) { EXPECT_EQ(Said("--state pending", 0), ""); }

// Without ids the selection would mean every event there is.
TEST_F(ActFlagsTest, AFileWithoutIdsIsRefused) {
  const support::TemporaryFolder folder;
  std::ofstream(folder.path() + "/ids") << "\n";
  EXPECT_THAT(Selection("--destination px --ids-file " + folder.path() + "/ids"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace snapledger::cli
