#include "services/app/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::app {
namespace {

TEST(EmbeddedDirectoryTest, IsAbsoluteAndWithoutATrailingSlash) {
  EXPECT_EQ(EmbeddedDirectory("embedded:/var/lib/x/postgres/"), "/var/lib/x/postgres");
  EXPECT_EQ(EmbeddedDirectory("embedded:/a/./b/../c"), "/a/c");
  EXPECT_EQ(EmbeddedDirectory("embedded:here")->front(), '/');
  EXPECT_FALSE(EmbeddedDirectory("embedded:"));
  EXPECT_FALSE(EmbeddedDirectory("postgresql://x/y"));
}

TEST(KeyFileTest, StandsBesideTheEmbeddedDirectoryUnlessGiven) {
  EXPECT_EQ(KeyFileOf("", "embedded:/srv/snapledger/postgres"), "/srv/snapledger/keys");
  EXPECT_EQ(KeyFileOf("/etc/keys", "embedded:/srv/snapledger/postgres"), "/etc/keys");
  EXPECT_EQ(KeyFileOf("", "postgresql://host/database"), "");
}

TEST(WithoutPasswordTest, TakesItOutWhereverItStands) {
  EXPECT_EQ(WithoutPassword("postgresql://user:pass@host:5432/db"),
            "postgresql://user@host:5432/db");
  EXPECT_EQ(WithoutPassword("postgresql://host:5432/db"), "postgresql://host:5432/db");
  EXPECT_EQ(WithoutPassword("postgresql://user@host/db?password=pass&sslmode=require"),
            "postgresql://user@host/db?password=&sslmode=require");
  EXPECT_EQ(WithoutPassword("postgresql://user:p@ss@host/db"), "postgresql://user@host/db");
}

TEST(DatabaseTest, OtherSchemesAreRefused) {
  EXPECT_THAT(Database::Open("mysql://x"), support::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CheckDatabaseSetting("embedded:"),
              support::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_OK(CheckDatabaseSetting("postgresql://host/database"));
}

TEST(DatabaseTest, AnEmbeddedOneNeedsAFolderThatIsThereOrCanBe) {
  const support::TemporaryFolder folder;
  EXPECT_OK(CheckDatabaseSetting("embedded:" + folder.path()));
  EXPECT_OK(CheckDatabaseSetting("embedded:" + folder.path() + "/new/postgres"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/new"));
  const std::string file = folder.path() + "/file";
  std::ofstream(file) << "text";
  for (const std::string& setting : {"embedded:" + file, "embedded:" + file + "/postgres"}) {
    EXPECT_THAT(CheckDatabaseSetting(setting),
                support::StatusIs(absl::StatusCode::kInvalidArgument,
                                  ::testing::HasSubstr(file + " is not a folder")));
  }
}

}  // namespace
}  // namespace snapledger::app
