#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "services/app/config.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::app {
namespace {

using support::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ConfigFileTest : public ::testing::Test {
 protected:
  absl::StatusOr<GivenValues> Read(const std::string& text) {
    const std::string path = folder_.path() + "/snapledger.toml";
    std::ofstream(path) << text;
    return ReadConfigFile(path);
  }

  support::TemporaryFolder folder_;
};

TEST_F(ConfigFileTest, ReadsTextsSwitchesAndLists) {
  ASSERT_OK_AND_ASSIGN(const GivenValues values,
                       Read("listen = \"127.0.0.1:1\"\ninsecure = true\n"
                            "roles = [\"ingest\", \"query\"]  # a comment\n"));
  EXPECT_EQ(values.at("listen"), "127.0.0.1:1");
  EXPECT_EQ(values.at("insecure"), "true");
  EXPECT_EQ(values.at("roles"), "ingest,query");
}

TEST_F(ConfigFileTest, NamesTheLineThatIsNotToml) {
  EXPECT_THAT(Read("insecure = true\nlisten = \n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 2")));
}

TEST_F(ConfigFileTest, OtherValuesAreRefusedByKey) {
  EXPECT_THAT(Read("listen = 5\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("listen")));
  EXPECT_THAT(Read("[serve]\nlisten = \"x\"\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("serve")));
  EXPECT_THAT(Read("roles = [1]\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("roles")));
}

TEST_F(ConfigFileTest, MissingFileIsAnError) {
  const std::string none = folder_.path() + "/none.toml";
  EXPECT_THAT(
      ReadConfigFile(none),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr(none + " cannot be read: No such file"), Not(HasSubstr("line")))));
  EXPECT_THAT(ReadConfigFile(folder_.path()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("it is a folder")));
}

}  // namespace
}  // namespace snapledger::app
