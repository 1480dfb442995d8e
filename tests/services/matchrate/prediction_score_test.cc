#include "services/matchrate/prediction_score.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/services/matchrate/worked_example.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

MatchObservation CountOf(event::IdentifierMask set, int64_t matches, int64_t events) {
  return {.shares = {{set, 1}}, .matches = matches, .events = events};
}

TEST(PredictionScoreTest, LogScoreIsTheBetaBinomial) {
  // The uniform distribution makes every count equally probable.
  const PredictedRate uniform = {.mean = 0.5, .variance = 1.0 / 12};
  for (const int64_t matches : {0, 3, 10}) {
    EXPECT_NEAR(LogScore(uniform, CountOf(kEmailBit, matches, 10)), -std::log(11.0), 1e-9);
  }
}

TEST(PredictionScoreTest, TheScoreFallsWithTheDistance) {
  const PredictedRate rate = {.mean = 0.4, .variance = 0.001};
  EXPECT_GT(LogScore(rate, CountOf(kEmailBit, 40, 100)),
            LogScore(rate, CountOf(kEmailBit, 60, 100)));
}

TEST(PredictionScoreTest, ThePlaceGrowsWithTheCount) {
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model, CalibratedModel::Fit(WorkedAssumptions(), {}));
  EXPECT_LT(PredictivePlace(model, CountOf(kEmailBit, 100, 1000)), 0.01);
  EXPECT_NEAR(PredictivePlace(model, CountOf(kEmailBit, 450, 1000)), 0.5, 0.1);
  EXPECT_GT(PredictivePlace(model, CountOf(kEmailBit, 800, 1000)), 0.99);
}

TEST(PredictionScoreTest, TheNaiveUnionIsSpreadAsThePastDeviatedFromIt) {
  const event::IdentifierMask set = kEmailBit | kPhoneBit | kIpBit;
  const MatchObservation next = CountOf(set, 555, 1000);
  const std::vector<MatchObservation> near = {CountOf(set, 7008, 10'000)};
  const std::vector<MatchObservation> far = {CountOf(set, 5550, 10'000)};
  const PredictedRate confident = PredictByNaiveUnion(WorkedAssumptions(), near, next);
  const PredictedRate wide = PredictByNaiveUnion(WorkedAssumptions(), far, next);
  EXPECT_NEAR(confident.mean, 0.7008, 1e-9);
  EXPECT_NEAR(wide.mean, 0.7008, 1e-9);
  EXPECT_GT(wide.variance, 10 * confident.variance);
}

TEST(PredictionScoreTest, SetRatesKnowOnlyTheirOwnSet) {
  const std::vector<MatchObservation> past = {CountOf(kEmailBit, 30, 99)};
  EXPECT_NEAR(PredictBySetRates(WorkedAssumptions(), past, CountOf(kEmailBit, 0, 1)).mean,
              30.5 / 100, 1e-12);
  EXPECT_NEAR(PredictBySetRates(WorkedAssumptions(), past, CountOf(kPhoneBit, 0, 1)).mean, 0.5,
              1e-12);
}

}  // namespace
}  // namespace snapledger::matchrate
