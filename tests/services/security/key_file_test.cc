#include "services/security/key_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "services/base/text.h"
#include "tests/support/status_matchers.h"

namespace snapledger::security {
namespace {

using support::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const char kHexA[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const char kHexB[] = "F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEF";

class KeyFileTest : public ::testing::Test {
 protected:
  KeyFileTest() : folder_(::testing::TempDir() + "key_file_test.XXXXXX") {
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
  }
  ~KeyFileTest() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/keys"; }

  void Write(std::string_view text, mode_t mode = 0600) const {
    std::ofstream(path()) << text;
    ASSERT_EQ(chmod(path().c_str(), mode), 0);
  }

  absl::StatusOr<KeyRing> LoadText(std::string_view text) const {
    Write(text);
    return LoadKeyFile(path());
  }

  std::string folder_;
};

TEST_F(KeyFileTest, ReadsEveryKey) {
  ASSERT_OK_AND_ASSIGN(
      const KeyRing keys,
      LoadText(base::Concat("# keys\n\nkey-encryption 1 ", kHexA, "\r\n  key-encryption\t7 ", kHexB,
                            " # newer\nlookup ", kHexB, "\npage-token ", kHexA)));
  ASSERT_EQ(keys.key_encryption_keys.size(), 2);
  EXPECT_EQ(keys.key_encryption_keys.at(1).Reveal(), absl::HexStringToBytes(kHexA));
  EXPECT_EQ(keys.key_encryption_keys.at(7).Reveal(), absl::HexStringToBytes(kHexB));
  EXPECT_EQ(keys.lookup_key.Reveal(), absl::HexStringToBytes(kHexB));
  EXPECT_EQ(keys.page_token_key.Reveal(), absl::HexStringToBytes(kHexA));
}

TEST_F(KeyFileTest, NamesABadLineWithoutItsValue) {
  const std::string good = base::Concat("lookup ", kHexA, "\npage-token ", kHexA, "\n");
  for (const std::string& line : {
           base::Concat("secret ", kHexB),
           base::Concat("lookup ", kHexB),
           base::Concat("page-token ", kHexB),
           base::Concat("key-encryption ", kHexB),
           base::Concat("key-encryption 0 ", kHexB),
           base::Concat("key-encryption -1 ", kHexB),
           base::Concat("key-encryption x ", kHexB),
           base::Concat("key-encryption 99999999999 ", kHexB),
           base::Concat("key-encryption 1 ", kHexB, " ", kHexB),
           base::Concat("key-encryption 1 ", kHexB, "0"),
           base::Concat("key-encryption 1 ", std::string(kHexB).substr(1)),
           base::Concat("key-encryption 1 ", std::string(kHexB).substr(1), "g"),
           std::string("lookup"),
           std::string(kHexB),
       }) {
    EXPECT_THAT(LoadText(good + line + "\n"),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("line 3"), Not(HasSubstr("F1F2F3")))))
        << line;
  }
}

TEST_F(KeyFileTest, RefusesTheSameIdTwice) {
  EXPECT_THAT(LoadText(base::Concat("key-encryption 1 ", kHexA, "\nkey-encryption 1 ", kHexB)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 2")));
}

TEST_F(KeyFileTest, NeedsEveryKindOfKey) {
  const std::string encryption = base::Concat("key-encryption 1 ", kHexA, "\n");
  const std::string lookup = base::Concat("lookup ", kHexA, "\n");
  const std::string page_token = base::Concat("page-token ", kHexA, "\n");
  EXPECT_THAT(LoadText(lookup + page_token),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("key-encryption")));
  EXPECT_THAT(LoadText(encryption + page_token),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("lookup")));
  EXPECT_THAT(LoadText(encryption + lookup),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("page-token")));
  EXPECT_THAT(LoadText(""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_OK(LoadText(encryption + lookup + page_token));
}

TEST_F(KeyFileTest, RefusesAFileOthersHaveRightsTo) {
  for (const mode_t mode : {0640, 0604, 0644, 0620, 0660, 0601}) {
    Write("", mode);
    EXPECT_THAT(LoadKeyFile(path()), StatusIs(absl::StatusCode::kFailedPrecondition)) << mode;
  }
}

TEST_F(KeyFileTest, RefusesWhatIsNoKeyFile) {
  EXPECT_THAT(LoadKeyFile(path()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(LoadKeyFile(folder_), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(LoadText(std::string(1 << 20, '#')), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(KeyFileTest, CreatesAFileItCanRead) {
  ASSERT_OK(CreateKeyFile(path()));
  EXPECT_EQ(std::filesystem::status(path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ASSERT_OK_AND_ASSIGN(const KeyRing keys, LoadKeyFile(path()));
  EXPECT_EQ(keys.key_encryption_keys.at(1).Reveal().size(), 32);
  EXPECT_NE(keys.lookup_key.Reveal(), keys.page_token_key.Reveal());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(KeyFileTest, NeverReplacesAKeyFile) {
  Write("mine");
  EXPECT_THAT(CreateKeyFile(path()), StatusIs(absl::StatusCode::kAlreadyExists));
  std::ifstream file(path());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "mine");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  EXPECT_THAT(CreateKeyFile(folder_ + "/nowhere/keys"), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace snapledger::security
