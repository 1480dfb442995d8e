#include "services/query/page_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/base/error_details.h"
#include "tests/support/status_matchers.h"

namespace snapledger::query {
namespace {

using support::IsOkAndHolds;
using support::StatusIs;

class PageTokensTest : public ::testing::Test {
 protected:
  const base::Secret key_{std::string(32, 'k')};
  const PageTokens tokens_{key_};
};

TEST_F(PageTokensTest, PositionComesBack) {
  const std::string position("px-1\0binary", 11);
  EXPECT_THAT(tokens_.Read("filter", tokens_.Make("filter", position)), IsOkAndHolds(position));
}

TEST_F(PageTokensTest, EmptyTokenIsTheFirstPage) {
  EXPECT_THAT(tokens_.Read("filter", ""), IsOkAndHolds(""));
}

TEST_F(PageTokensTest, TokenAnswersOnlyItsOwnFilter) {
  const auto read = tokens_.Read("other", tokens_.Make("filter", "px"));
  ASSERT_THAT(read, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(base::GetErrorDetails(read.status()).reason, base::ErrorReason::kInvalidPageToken);
  // Moving a byte from the filter to the position makes another token, too.
  EXPECT_NE(tokens_.Make("ab", "c"), tokens_.Make("a", "bc"));
}

TEST_F(PageTokensTest, AnyChangedCharacterIsRefused) {
  const std::string token = tokens_.Make("filter", "position");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(tokens_.Read("filter", changed).value_or("refused"), "position") << i;
  }
}

TEST_F(PageTokensTest, NonsenseIsRefused) {
  for (const char* const nonsense : {"x", "not base64!", "AAAA", "AQ"}) {
    EXPECT_THAT(tokens_.Read("filter", nonsense), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_F(PageTokensTest, TokenOfAnotherKeyIsRefused) {
  const base::Secret other_key(std::string(32, 'o'));
  EXPECT_THAT(tokens_.Read("filter", PageTokens(other_key).Make("filter", "px")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(PageSizeTest, FollowsTheRule) {
  EXPECT_THAT(PageSize(0), IsOkAndHolds(50));
  EXPECT_THAT(PageSize(7), IsOkAndHolds(7));
  EXPECT_THAT(PageSize(5000), IsOkAndHolds(1000));
  EXPECT_THAT(PageSize(-1), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace snapledger::query
