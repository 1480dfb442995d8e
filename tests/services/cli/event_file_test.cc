#include "services/cli/event_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::cli {
namespace {

using support::StatusIs;
using ::testing::HasSubstr;

TEST(EventFileTest, AFolderIsCalledOne) {
  const support::TemporaryFolder folder;
  EXPECT_THAT(EventFile::Open(folder.path()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is a folder")));
}

TEST(EventFileTest, AFileThereIsNotIsNotFound) {
  EXPECT_THAT(EventFile::Open("/nowhere"), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace snapledger::cli
