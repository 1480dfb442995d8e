#include "services/matchrate/calibrated_model.h"

#include <gtest/gtest.h>

#include <vector>

#include "services/matchrate/linear_estimate.h"
#include "tests/services/matchrate/worked_example.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

using support::StatusIs;

MatchObservation CountOf(event::IdentifierMask set, int64_t matches, int64_t events) {
  return {.shares = {{set, 1}}, .matches = matches, .events = events};
}

TEST(CalibratedModelTest, GivesTheAssumptionsWithoutObservations) {
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model, CalibratedModel::Fit(WorkedAssumptions(), {}));
  EXPECT_FALSE(model.calibrated());
  EXPECT_NEAR(model.Rate(kEmailBit | kPhoneBit | kIpBit), 0.555, 1e-12);
  const Estimate estimate = LinearEstimates(model).Of({{kEmailBit | kPhoneBit | kIpBit, 1}});
  EXPECT_LT(estimate.within80.lower, 0.52);
  EXPECT_GT(estimate.within80.upper, 0.59);
  EXPECT_LT(estimate.within95.lower, estimate.within80.lower);
  EXPECT_GT(estimate.within95.upper, estimate.within80.upper);
}

TEST(CalibratedModelTest, ManyReportsOverruleTheAssumptions) {
  const std::vector<MatchObservation> observations = {CountOf(kEmailBit, 30'000, 100'000)};
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model,
                       CalibratedModel::Fit(WorkedAssumptions(), observations));
  EXPECT_TRUE(model.calibrated());
  EXPECT_NEAR(model.Rate(kEmailBit), 0.30, 0.002);
  // What nobody reported is pulled along by the reach they share, and stays uncertain.
  EXPECT_LT(model.Rate(kEmailBit | kPhoneBit), 0.50);
  LinearEstimates estimates(model);
  const Interval reported = estimates.Of({{kEmailBit, 1}}).within80;
  const Interval unreported = estimates.Of({{kPhoneBit, 1}}).within80;
  EXPECT_LT(5 * (reported.upper - reported.lower), unreported.upper - unreported.lower);
}

TEST(CalibratedModelTest, FewReportsShrinkToTheStructure) {
  const std::vector<MatchObservation> observations = {CountOf(kEmailBit, 5, 5)};
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model,
                       CalibratedModel::Fit(WorkedAssumptions(), observations));
  EXPECT_GT(model.Rate(kEmailBit), 0.45);
  EXPECT_LT(model.Rate(kEmailBit), 0.60);
}

TEST(CalibratedModelTest, AlikeSetsConcentrateMoreThanUnlikeOnes) {
  const std::vector<MatchObservation> alike = {
      CountOf(kEmailBit, 4500, 10'000), CountOf(kPhoneBit, 3600, 10'000),
      CountOf(kIpBit, 1500, 10'000), CountOf(kEmailBit | kPhoneBit, 5400, 10'000),
      CountOf(kEmailBit | kIpBit, 4875, 10'000)};
  std::vector<MatchObservation> unlike = alike;
  unlike[3].matches = 4200;
  unlike[4].matches = 6200;
  ASSERT_OK_AND_ASSIGN(const CalibratedModel one, CalibratedModel::Fit(WorkedAssumptions(), alike));
  ASSERT_OK_AND_ASSIGN(const CalibratedModel other,
                       CalibratedModel::Fit(WorkedAssumptions(), unlike));
  EXPECT_GT(one.concentration(), 3 * other.concentration());
}

TEST(CalibratedModelTest, LearnsTheRatesOfSetsFromTotalsWhoseMixVaries) {
  // Truth: email 0.20, IP 0.35, far from what is assumed.
  std::vector<MatchObservation> observations;
  for (const double email : {0.1, 0.3, 0.5, 0.7, 0.9}) {
    const double rate = email * 0.20 + (1 - email) * 0.35;
    observations.push_back({.shares = {{kEmailBit, email}, {kIpBit, 1 - email}},
                            .matches = static_cast<int64_t>(20'000 * rate),
                            .events = 20'000});
  }
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model,
                       CalibratedModel::Fit(WorkedAssumptions(), observations));
  EXPECT_NEAR(model.Rate(kEmailBit), 0.20, 0.01);
  EXPECT_NEAR(model.Rate(kIpBit), 0.35, 0.01);
}

TEST(CalibratedModelTest, IdentifiersThatAreNoKeysChangeNothing) {
  const std::vector<MatchObservation> observations = {CountOf(kEmailBit | kCityBit, 400, 1000)};
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model,
                       CalibratedModel::Fit(WorkedAssumptions(), observations));
  EXPECT_EQ(model.Draws(kEmailBit), model.Draws(kEmailBit | kCityBit));
  EXPECT_EQ(model.Rate(kCityBit), 0);
}

TEST(CalibratedModelTest, TheSameDataGivesTheSameFigures) {
  const std::vector<MatchObservation> observations = {CountOf(kEmailBit, 400, 1000)};
  ASSERT_OK_AND_ASSIGN(const CalibratedModel one,
                       CalibratedModel::Fit(WorkedAssumptions(), observations));
  ASSERT_OK_AND_ASSIGN(const CalibratedModel again,
                       CalibratedModel::Fit(WorkedAssumptions(), observations));
  ASSERT_OK_AND_ASSIGN(const CalibratedModel other,
                       CalibratedModel::Fit(WorkedAssumptions(), observations, {.seed = 2}));
  for (const event::IdentifierMask set : {kEmailBit, kPhoneBit}) {
    EXPECT_EQ(one.Draws(set), again.Draws(set));
    EXPECT_NE(one.Draws(set), other.Draws(set));
  }
}

TEST(CalibratedModelTest, RefusesUnsoundObservations) {
  std::vector<MatchObservation> observations = {CountOf(kEmailBit, 11, 10)};
  EXPECT_THAT(CalibratedModel::Fit(WorkedAssumptions(), observations),
              StatusIs(absl::StatusCode::kInvalidArgument));
  observations = {CountOf(kEmailBit, 0, 0)};
  EXPECT_THAT(CalibratedModel::Fit(WorkedAssumptions(), observations),
              StatusIs(absl::StatusCode::kInvalidArgument));
  observations = {{.shares = {{kEmailBit, 0.5}}, .matches = 1, .events = 10}};
  EXPECT_THAT(CalibratedModel::Fit(WorkedAssumptions(), observations),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CalibratedModel::Fit(WorkedAssumptions(), {}, {.draws = 10}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace snapledger::matchrate
