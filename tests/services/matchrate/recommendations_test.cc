#include "services/matchrate/recommendations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/services/matchrate/worked_example.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierKind;
using testing::MatchesRegex;

std::vector<CoverageScope> Scopes() {
  return {{.event_name = "PURCHASE",
           .source = "checkout-web",
           .events = {{kEmailBit | kPhoneBit | kIpBit, 780}, {kEmailBit | kIpBit, 220}}},
          {.event_name = "START_CHECKOUT",
           .source = "checkout-web",
           .events = {{kEmailBit | kPhoneBit | kIpBit, 1240},
                      {kEmailBit | kIpBit, 1760},
                      {kIpBit, 1000}}},
          {.event_name = "VIEW_CONTENT", .source = "tiny", .events = {{kEmailBit | kPhoneBit, 9}}}};
}

TEST(RecommendationsTest, SayWhatAnotherScopeReachesAndWhatItWouldGain) {
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model, CalibratedModel::Fit(WorkedAssumptions(), {}));
  const std::vector<Recommendation> ranked = RankRecommendations(model, Scopes());
  // START_CHECKOUT lacks email and phone; PURCHASE lacks nothing; nine events teach nothing.
  ASSERT_EQ(ranked.size(), 2U);
  EXPECT_EQ(ranked[0].kind, IdentifierKind::kEmail);
  // 0.25 * (0.4875 - 0.15)
  EXPECT_NEAR(ranked[0].gain.value, 0.084375, 1e-9);
  EXPECT_NEAR(ranked[0].overall_gain.value, 0.084375 * 4000 / 5009, 1e-9);
  EXPECT_EQ(ranked[1].kind, IdentifierKind::kPhone);
  EXPECT_NEAR(ranked[1].coverage_now, 0.31, 1e-12);
  EXPECT_NEAR(ranked[1].coverage_reachable, 0.78, 1e-12);
  EXPECT_THAT(ranked[1].text,
              MatchesRegex("raise phone coverage on START_CHECKOUT from source checkout-web from "
                           "31 % to the 78 % PURCHASE has: \\+[0-9.]+ points \\(80 % interval "
                           "[+-][0-9.]+ to \\+[0-9.]+\\), \\+[0-9.]+ over all events"));
}

TEST(RecommendationsTest, NameTheOtherSourceOfTheSameEvent) {
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model, CalibratedModel::Fit(WorkedAssumptions(), {}));
  std::vector<CoverageScope> scopes = Scopes();
  scopes[0].event_name = "START_CHECKOUT";
  scopes[0].source = "app";
  std::vector<Recommendation> ranked = RankRecommendations(model, scopes);
  ASSERT_FALSE(ranked.empty());
  EXPECT_THAT(ranked[0].text, testing::HasSubstr("to the 100 % source app has"));
  scopes[0].event_name = "PURCHASE";
  ranked = RankRecommendations(model, scopes);
  ASSERT_FALSE(ranked.empty());
  EXPECT_THAT(ranked[0].text, testing::HasSubstr("PURCHASE from source app has"));
}

TEST(RecommendationsTest, NoneWhereAllReachTheSame) {
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model, CalibratedModel::Fit(WorkedAssumptions(), {}));
  EXPECT_TRUE(RankRecommendations(model, {}).empty());
  const std::vector<CoverageScope> scopes = {Scopes()[0]};
  EXPECT_TRUE(RankRecommendations(model, scopes).empty());
}

}  // namespace
}  // namespace snapledger::matchrate
