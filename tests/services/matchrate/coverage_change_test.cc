#include "services/matchrate/coverage_change.h"

#include <gtest/gtest.h>

#include "tests/services/matchrate/worked_example.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierKind;
using support::StatusIs;

TEST(CoverageChangeTest, CountsBecomeShares) {
  EXPECT_EQ(SharesOf({{kEmailBit, 1}, {kIpBit, 3}}),
            (SetShares{{kEmailBit, 0.25}, {kIpBit, 0.75}}));
  EXPECT_TRUE(SharesOf({}).empty());
}

TEST(CoverageChangeTest, RaisingTakesTheSamePartOfEverySetThatLacksIt) {
  ASSERT_OK_AND_ASSIGN(const SetShares raised,
                       WithCoverage(WorkedShares(), IdentifierKind::kPhone, 0.70));
  EXPECT_NEAR(CoverageOf(raised, IdentifierKind::kPhone), 0.70, 1e-12);
  EXPECT_NEAR(raised.at(kEmailBit | kIpBit), 0.15, 1e-12);
  EXPECT_NEAR(raised.at(kEmailBit | kPhoneBit | kIpBit), 0.55, 1e-12);
  EXPECT_NEAR(raised.at(kIpBit), 0.15, 1e-12);
  EXPECT_NEAR(raised.at(kIpBit | kPhoneBit), 0.15, 1e-12);
  EXPECT_NEAR(CoverageOf(raised, IdentifierKind::kEmail), 0.70, 1e-12);
}

TEST(CoverageChangeTest, LoweringTakesItFromEverySetThatHasIt) {
  ASSERT_OK_AND_ASSIGN(const SetShares lowered,
                       WithCoverage(WorkedShares(), IdentifierKind::kEmail, 0.35));
  EXPECT_NEAR(lowered.at(kEmailBit | kPhoneBit | kIpBit), 0.20, 1e-12);
  EXPECT_NEAR(lowered.at(kPhoneBit | kIpBit), 0.20, 1e-12);
  EXPECT_NEAR(lowered.at(kIpBit), 0.45, 1e-12);
}

TEST(CoverageChangeTest, TheEndsHold) {
  ASSERT_OK_AND_ASSIGN(const SetShares all,
                       WithCoverage(WorkedShares(), IdentifierKind::kPhone, 1));
  EXPECT_NEAR(CoverageOf(all, IdentifierKind::kPhone), 1, 1e-12);
  ASSERT_OK_AND_ASSIGN(const SetShares still, WithCoverage(all, IdentifierKind::kPhone, 1));
  EXPECT_NEAR(CoverageOf(still, IdentifierKind::kPhone), 1, 1e-12);
  ASSERT_OK_AND_ASSIGN(const SetShares none,
                       WithCoverage(WorkedShares(), IdentifierKind::kIpAndUserAgent, 0));
  EXPECT_NEAR(none.at(0), 0.30, 1e-12);
  EXPECT_THAT(WithCoverage(WorkedShares(), IdentifierKind::kPhone, 78),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CoverageChangeTest, SimulatesBeforeAfterAndDifference) {
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model, CalibratedModel::Fit(WorkedAssumptions(), {}));
  const CoverageChange changes[] = {{.kind = IdentifierKind::kPhone, .coverage = 0.70}};
  ASSERT_OK_AND_ASSIGN(const ChangedRate changed, SimulateChanges(model, WorkedShares(), changes));
  EXPECT_NEAR(changed.before.value, 0.41325, 1e-9);
  // 0.15 * (0.555 - 0.4875) + 0.15 * (0.42 - 0.15)
  EXPECT_NEAR(changed.difference.value, 0.050625, 1e-9);
  EXPECT_NEAR(changed.after.value, 0.463875, 1e-9);
  // What before and after share cancels in the difference.
  EXPECT_LT(changed.difference.within80.upper - changed.difference.within80.lower,
            changed.before.within80.upper - changed.before.within80.lower);
}

TEST(CoverageChangeTest, WhatIsNoMatchingKeyGainsNothing) {
  ASSERT_OK_AND_ASSIGN(const CalibratedModel model, CalibratedModel::Fit(WorkedAssumptions(), {}));
  const CoverageChange changes[] = {{.kind = IdentifierKind::kCity, .coverage = 0.9}};
  ASSERT_OK_AND_ASSIGN(const ChangedRate changed, SimulateChanges(model, WorkedShares(), changes));
  EXPECT_NEAR(changed.difference.value, 0, 1e-12);
  EXPECT_NEAR(changed.difference.within95.upper, 0, 1e-12);
}

}  // namespace
}  // namespace snapledger::matchrate
