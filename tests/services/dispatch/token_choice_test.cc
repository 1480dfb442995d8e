#include "services/dispatch/token_choice.h"

#include <gtest/gtest.h>

namespace snapledger::dispatch {
namespace {

using Token = TokenChoice::Token;

std::vector<Token> Tokens(const std::vector<std::string>& ids) {
  std::vector<Token> tokens;
  for (const std::string& id : ids) tokens.push_back({id, base::Secret("secret of " + id)});
  return tokens;
}

class TokenChoiceTest : public ::testing::Test {
 protected:
  std::string Chosen(const std::vector<Token>& tokens, absl::Duration now) const {
    const Token* const token = choice_.Choose(tokens, now);
    return token == nullptr ? "none" : token->token_id;
  }

  const std::vector<Token> both_ = Tokens({"new", "old"});
  const absl::Duration start_ = absl::Hours(5);
  TokenChoice choice_;
};

TEST_F(TokenChoiceTest, TheNewestIsUsed) {
  EXPECT_EQ(Chosen(both_, start_), "new");
  EXPECT_EQ(Chosen({}, start_), "none");
}

TEST_F(TokenChoiceTest, ARefusedOneRestsForAMinute) {
  EXPECT_TRUE(choice_.TryAnother(both_, "new", start_));
  EXPECT_EQ(Chosen(both_, start_ + absl::Seconds(59)), "old");
  EXPECT_EQ(Chosen(both_, start_ + absl::Seconds(61)), "new");
}

// Two requests with the same token were under way: both are refused, and only that token is.
TEST_F(TokenChoiceTest, TheSameRefusalTwiceLeavesTheOther) {
  EXPECT_TRUE(choice_.TryAnother(both_, "new", start_));
  EXPECT_TRUE(choice_.TryAnother(both_, "new", start_ + absl::Seconds(1)));
  EXPECT_EQ(Chosen(both_, start_ + absl::Seconds(1)), "old");
}

TEST_F(TokenChoiceTest, WhereAllAreRefusedItBeginsAnewAfterTheHold) {
  EXPECT_TRUE(choice_.TryAnother(both_, "new", start_));
  EXPECT_FALSE(choice_.TryAnother(both_, "old", start_ + absl::Seconds(1)));
  // A probe found that the older works: the newest is refused again, and the older is next.
  EXPECT_EQ(Chosen(both_, start_ + absl::Seconds(2)), "new");
  EXPECT_TRUE(choice_.TryAnother(both_, "new", start_ + absl::Seconds(2)));
  EXPECT_EQ(Chosen(both_, start_ + absl::Seconds(2)), "old");
}

TEST_F(TokenChoiceTest, AnOnlyTokenThatIsRefusedHolds) {
  EXPECT_FALSE(choice_.TryAnother(Tokens({"only"}), "only", start_));
  EXPECT_EQ(Chosen(Tokens({"only"}), start_), "only");
}

TEST_F(TokenChoiceTest, ATokenThatIsNewIsTriedAtOnce) {
  EXPECT_TRUE(choice_.TryAnother(both_, "new", start_));
  EXPECT_EQ(Chosen(Tokens({"newer", "new"}), start_), "newer");
}

TEST_F(TokenChoiceTest, TheSameUseIsNotedOnceAMinute) {
  EXPECT_TRUE(choice_.IsWorthNoting("new", true, start_));
  EXPECT_FALSE(choice_.IsWorthNoting("new", true, start_ + absl::Seconds(59)));
  EXPECT_TRUE(choice_.IsWorthNoting("old", true, start_ + absl::Seconds(59)));
  EXPECT_TRUE(choice_.IsWorthNoting("new", false, start_ + absl::Seconds(59)));
  EXPECT_TRUE(choice_.IsWorthNoting("new", false, start_ + absl::Seconds(119)));
}

TEST(IsTokenRefusedTest, OnlyWhereSnapLookedAtTheToken) {
  const auto held = [](int http_status) {
    return Decision{.verdict = Decision::Verdict::kHeld, .http_status = http_status};
  };
  for (const int status : {200, 400, 401, 403}) EXPECT_TRUE(IsTokenRefused(held(status)));
  for (const int status : {302, 404, 405, 415, 451}) EXPECT_FALSE(IsTokenRefused(held(status)));
  EXPECT_FALSE(IsTokenRefused({.verdict = Decision::Verdict::kDelivered, .http_status = 200}));
}

}  // namespace
}  // namespace snapledger::dispatch
