#include "services/matchrate/rollup_estimate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/matchrate/worked_example.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierKind;
using support::StatusIs;
using testing::HasSubstr;

TEST(RollupEstimateTest, WorkedExample) {
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model, CalibratedModel::Fit(WorkedAssumptions(), {}));
  LinearEstimates estimates(model);
  const RollupEstimate rollup = EstimateRollup(WorkedShares(), &estimates);
  EXPECT_NEAR(rollup.rate.value, 0.413, 0.0005);
  EXPECT_LT(rollup.rate.within80.lower, 0.413);
  EXPECT_GT(rollup.rate.within80.upper, 0.413);
  ASSERT_EQ(rollup.identifiers.size(), 3U);
  const IdentifierEstimate& email = rollup.identifiers[0];
  const IdentifierEstimate& phone = rollup.identifiers[1];
  const IdentifierEstimate& ip = rollup.identifiers[2];
  EXPECT_NEAR(email.contribution.value, 0.155, 0.0005);
  EXPECT_NEAR(ip.contribution.value, 0.062, 0.0005);
  EXPECT_NEAR(phone.contribution.value, 0.027, 0.0005);
  EXPECT_NEAR(email.solo_rate.value, 0.45, 1e-9);
  EXPECT_NEAR(email.rate_when_present->value, (0.40 * 0.555 + 0.30 * 0.4875) / 0.70, 1e-9);
  EXPECT_NEAR(email.coverage, 0.70, 1e-12);
  // Not additive.
  EXPECT_LT(email.contribution.value + ip.contribution.value + phone.contribution.value,
            rollup.rate.value - 0.1);
}

TEST(RollupEstimateTest, NoRateWhenPresentWhereNothingIs) {
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model, CalibratedModel::Fit(WorkedAssumptions(), {}));
  LinearEstimates estimates(model);
  const RollupEstimate rollup = EstimateRollup({{kEmailBit, 1}}, &estimates);
  EXPECT_FALSE(rollup.identifiers[1].rate_when_present.has_value());
  EXPECT_EQ(rollup.identifiers[1].contribution.value, 0);
}

TEST(RollupEstimateTest, SaysWhatTheEstimateRestsOn) {
  ASSERT_OK_AND_ASSIGN(const GatedEstimate prior,
                       EstimateMatchRate(WorkedAssumptions(), {}, WorkedShares(), 1000));
  EXPECT_EQ(prior.gate.basis, EstimateBasis::kPriorOnly);
  EXPECT_TRUE(prior.rollup.has_value());
  const MatchObservation counts[] = {
      {.shares = {{kEmailBit | kIpBit, 1}}, .matches = 480, .events = 1000},
      {.shares = {{kIpBit, 1}}, .matches = 100, .events = 1000}};
  ASSERT_OK_AND_ASSIGN(const GatedEstimate calibrated,
                       EstimateMatchRate(WorkedAssumptions(), counts, WorkedShares(), 1000));
  EXPECT_EQ(calibrated.gate.basis, EstimateBasis::kCalibrated) << calibrated.gate.reason;
  EXPECT_TRUE(calibrated.rollup.has_value());
}

TEST(RollupEstimateTest, GivesNoNumberWhereTooLittleIsKnown) {
  ASSERT_OK_AND_ASSIGN(const GatedEstimate small,
                       EstimateMatchRate(WorkedAssumptions(), {}, WorkedShares(), 49));
  EXPECT_EQ(small.gate.basis, EstimateBasis::kInsufficient);
  EXPECT_FALSE(small.rollup.has_value());
  EXPECT_THAT(small.gate.reason, HasSubstr("too few"));
  const MatchObservation total[] = {
      {.shares = WorkedShares(), .matches = 40'000, .events = 100'000}};
  ASSERT_OK_AND_ASSIGN(const GatedEstimate one_mix,
                       EstimateMatchRate(WorkedAssumptions(), total, WorkedShares(), 1000));
  EXPECT_EQ(one_mix.gate.basis, EstimateBasis::kInsufficient);
  EXPECT_FALSE(one_mix.rollup.has_value());
  EXPECT_THAT(one_mix.gate.reason, HasSubstr("mix hardly varies"));
}

TEST(RollupEstimateTest, UnsoundInputIsAnErrorEvenForASmallScope) {
  const MatchObservation counts[] = {{.shares = {{kIpBit, 1}}, .matches = 3, .events = 2}};
  EXPECT_THAT(EstimateMatchRate(WorkedAssumptions(), counts, WorkedShares(), 1),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace snapledger::matchrate
