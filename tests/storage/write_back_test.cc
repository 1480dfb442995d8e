#include "storage/write_back.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/temporary_folder.h"

namespace snapledger::storage {
namespace {

constexpr absl::Time kChecked = absl::FromUnixSeconds(1'800'000'000);

class WriteBackTest : public ::testing::Test {
 protected:
  // A file of database 5 that changed then.
  std::string Write(const std::string& name, absl::Time changed) const {
    std::filesystem::create_directories(folder_.path() + "/5");
    const std::string path = folder_.path() + "/5/" + name;
    std::ofstream(path) << "page";
    const timespec times[] = {absl::ToTimespec(changed), absl::ToTimespec(changed)};
    EXPECT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    return path;
  }

  const support::TemporaryFolder folder_;
};

TEST_F(WriteBackTest, TakesWhatChangedSinceTheLastTurnAndLeavesItAsItIs) {
  const std::string changed = Write("16384", kChecked + absl::Milliseconds(1));
  Write("16385_fsm", kChecked);
  Write("16386", kChecked - absl::Seconds(2));
  EXPECT_EQ(StartWritingChanged(folder_.path(), kChecked), 2);
  std::ifstream file(changed);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "page");
}

TEST_F(WriteBackTest, FollowsNoLinksAndNeedsNoFolder) {
  const std::string changed = Write("16384", kChecked);
  const std::string link = folder_.path() + "/5/link";
  std::filesystem::create_symlink(changed, link);
  const timespec times[] = {absl::ToTimespec(kChecked), absl::ToTimespec(kChecked)};
  ASSERT_EQ(utimensat(AT_FDCWD, link.c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
  std::filesystem::create_symlink(folder_.path() + "/5", folder_.path() + "/6");
  EXPECT_EQ(StartWritingChanged(folder_.path(), kChecked), 1);
  std::filesystem::remove(changed);
  EXPECT_EQ(StartWritingChanged(folder_.path(), kChecked), 0);
  EXPECT_EQ(StartWritingChanged(folder_.path() + "/nowhere", kChecked), 0);
}

TEST_F(WriteBackTest, LeavesTemporaryFilesAlone) {
  Write("16384", kChecked);
  std::filesystem::rename(folder_.path() + "/5", folder_.path() + "/pgsql_tmp");
  EXPECT_EQ(StartWritingChanged(folder_.path(), kChecked), 0);
}

}  // namespace
}  // namespace snapledger::storage
