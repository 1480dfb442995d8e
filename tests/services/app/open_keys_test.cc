#include "services/app/open_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::app {
namespace {

using support::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

class OpenKeysTest : public ::testing::Test {
 protected:
  void MakeCluster() { std::filesystem::create_directories(directory_ + "/data"); }

  std::string KeyText() const {
    std::ifstream file(key_file_);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  const support::TemporaryFolder folder_;
  const std::string directory_ = folder_.path() + "/var/postgres";
  const std::string database_ = "embedded:" + directory_;
  const std::string key_file_ = folder_.path() + "/var/keys";
};

TEST_F(OpenKeysTest, AFirstStartMakesTheKeysAndTheNextOneHasTheSame) {
  ASSERT_OK_AND_ASSIGN(const security::KeyRing made, OpenKeys("", database_));
  MakeCluster();
  ASSERT_OK_AND_ASSIGN(const security::KeyRing again, OpenKeys("", database_));
  EXPECT_EQ(again.lookup_key.Reveal(), made.lookup_key.Reveal());
}

TEST_F(OpenKeysTest, KeysThatWereLostAreAskedForAndNeverReplaced) {
  MakeCluster();
  EXPECT_THAT(OpenKeys("", database_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(key_file_ + " is missing"), HasSubstr(directory_),
                             HasSubstr("put the kept copy back"))));
  const std::string named = folder_.path() + "/elsewhere/keys";
  EXPECT_THAT(OpenKeys(named, database_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(named + " is missing")));
  EXPECT_FALSE(std::filesystem::exists(key_file_));
  EXPECT_FALSE(std::filesystem::exists(named));
}

TEST_F(OpenKeysTest, ThoseOfADatabaseThatIsThereAreNotMade) {
  MakeCluster();
  EXPECT_OK(MakeKeysOfNewDatabase("", database_));
  EXPECT_OK(MakeKeysOfNewDatabase("", "postgresql://host/database"));
  EXPECT_FALSE(std::filesystem::exists(key_file_));
}

TEST_F(OpenKeysTest, ThoseThatAreThereStayForANewDatabase) {
  ASSERT_OK(MakeKeysOfNewDatabase("", database_));
  const std::string before = KeyText();
  ASSERT_OK(MakeKeysOfNewDatabase("", database_));
  EXPECT_EQ(KeyText(), before);
}

TEST_F(OpenKeysTest, AnotherDatabaseNeedsAFileThatIsThere) {
  EXPECT_THAT(OpenKeys("", "postgresql://host/database"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--key-file is required")));
  EXPECT_THAT(OpenKeys(key_file_, "postgresql://host/database"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(key_file_)));
  EXPECT_FALSE(std::filesystem::exists(key_file_));
}

}  // namespace
}  // namespace snapledger::app
