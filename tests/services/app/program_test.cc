#include "services/app/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "services/app/exit_codes.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Ended {
  int exit_code = 0;
  std::string error;  // what it said on standard error
};

Ended RunWith(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "snapledger");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  ::testing::internal::CaptureStderr();
  const int exit_code = RunProgram(static_cast<int>(pointers.size()), pointers.data());
  return {exit_code, ::testing::internal::GetCapturedStderr()};
}

TEST(ProgramTest, AMistypedWordGetsTheNearestAndAForeignOneNone) {
  EXPECT_THAT(RunWith({"serve", "--rolse", "ingest"}).error, HasSubstr("nearest known: --roles"));
  EXPECT_THAT(RunWith({"serv"}).error, HasSubstr("nearest known: serve"));
  const Ended foreign = RunWith({"serve", "--bogus"});
  EXPECT_EQ(foreign.exit_code, kUsageError);
  EXPECT_THAT(foreign.error, AllOf(HasSubstr("--bogus"), Not(HasSubstr("nearest"))));
}

TEST(ProgramTest, ACommandInTheWrongPlaceIsShownItsPlace) {
  const Ended simulate = RunWith({"simulate"});
  EXPECT_EQ(simulate.exit_code, kUsageError);
  EXPECT_THAT(simulate.error, AllOf(HasSubstr("`snapledger report simulate`"),
                                    Not(HasSubstr("not part of this release"))));
  EXPECT_THAT(RunWith({"serve", "audit"}).error, HasSubstr("`snapledger audit`"));
  EXPECT_THAT(RunWith({"list"}).error,
              AllOf(HasSubstr("`snapledger events list`"), HasSubstr("`snapledger audit list`")));
}

TEST(ProgramTest, ACommandOfALaterReleaseIsSaidToBeOne) {
  EXPECT_THAT(RunWith({"erase"}).error, HasSubstr("erase is not part of this release"));
}

TEST(ProgramTest, AStartThatCannotSucceedLeavesNothing) {
  const support::TemporaryFolder folder;
  const std::string embedded = "embedded:" + folder.path() + "/var/postgres";
  const std::string nowhere = folder.path() + "/nowhere/ready.json";
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"--database", embedded, "--ready-file", nowhere},
        {"--database", embedded, "--listen", "127.0.0.1:99999"}}) {
    std::vector<std::string> arguments = {"serve", "--insecure"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const Ended ended = RunWith(arguments);
    EXPECT_EQ(ended.exit_code, kUsageError) << flags[2];
    EXPECT_THAT(ended.error, HasSubstr(flags[2]));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << flags[2];
  }
}

TEST(ProgramTest, TheDatabaseIsLookedAtBeforeItsKeyFile) {
  const support::TemporaryFolder folder;
  const Ended other = RunWith({"serve", "--insecure", "--database", "mysql://x"});
  EXPECT_EQ(other.exit_code, kUsageError);
  EXPECT_THAT(other.error, AllOf(HasSubstr("--database must be"), Not(HasSubstr("--key-file"))));
  const std::string file = folder.path() + "/file";
  std::ofstream(file) << "text";
  for (const char* const command : {"serve", "migrate"}) {
    std::vector<std::string> arguments = {command, "--database", "embedded:" + file};
    if (arguments[0] == "serve") arguments.emplace_back("--insecure");
    const Ended ended = RunWith(arguments);
    EXPECT_EQ(ended.exit_code, kUsageError) << command;
    EXPECT_THAT(ended.error, HasSubstr(file + " is not a folder"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/keys"));
}

TEST(ProgramTest, AStartWithoutTheKeysOfItsDatabaseIsAnErrorOfConfiguration) {
  const support::TemporaryFolder folder;
  const std::string directory = folder.path() + "/postgres";
  std::filesystem::create_directories(directory + "/data");
  const Ended ended = RunWith({"serve", "--insecure", "--database", "embedded:" + directory});
  EXPECT_EQ(ended.exit_code, kUsageError);
  EXPECT_THAT(ended.error, HasSubstr(folder.path() + "/keys is missing"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/keys"));
}

}  // namespace
}  // namespace snapledger::app
