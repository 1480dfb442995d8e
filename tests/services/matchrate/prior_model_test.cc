#include "services/matchrate/prior_model.h"

#include <gtest/gtest.h>

#include "tests/services/matchrate/worked_example.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierKind;
using support::IsOk;
using support::StatusIs;

TEST(PriorModelTest, WorkedExample) {
  const SetPrior prior = PriorOf(WorkedAssumptions(), kEmailBit | kPhoneBit | kIpBit);
  EXPECT_NEAR(prior.rate, 0.555, 1e-12);
  EXPECT_NEAR(prior.naive_union, 0.7008, 1e-12);
  EXPECT_NEAR(prior.lower_bound, 0.45, 1e-12);
  EXPECT_NEAR(prior.upper_bound, 0.96, 1e-12);
  EXPECT_NEAR(prior.reach_upper_bound, 0.60, 1e-12);
  EXPECT_NEAR(PriorOf(WorkedAssumptions(), kEmailBit).rate, 0.45, 1e-12);
}

TEST(PriorModelTest, TheRateLiesWithinTheBoundsForEverySet) {
  const Assumptions assumptions = DefaultAssumptions();
  EXPECT_THAT(CheckAssumptions(assumptions), IsOk());
  for (uint32_t set = 0; set < 1U << 15; ++set) {
    const SetPrior prior = PriorOf(assumptions, static_cast<event::IdentifierMask>(set));
    ASSERT_GE(prior.rate, prior.lower_bound - 1e-12) << set;
    ASSERT_LE(prior.rate, prior.reach_upper_bound + 1e-12) << set;
    ASSERT_LE(prior.reach_upper_bound, prior.upper_bound) << set;
    ASSERT_GE(prior.naive_union, prior.rate - 1e-12) << set;
  }
}

TEST(PriorModelTest, NothingMatchesWithoutAMatchingKey) {
  EXPECT_EQ(PriorOf(WorkedAssumptions(), kCityBit).rate, 0);
  EXPECT_EQ(KeysOf(WorkedAssumptions(), kCityBit | kEmailBit), kEmailBit);
}

TEST(PriorModelTest, RefusesUnsoundAssumptions) {
  Assumptions assumptions = WorkedAssumptions();
  assumptions.reach.low = 0.65;
  EXPECT_THAT(CheckAssumptions(assumptions), StatusIs(absl::StatusCode::kInvalidArgument));
  assumptions = WorkedAssumptions();
  assumptions.link_rates[IdentifierKind::kPhone].high = 70;
  EXPECT_THAT(CheckAssumptions(assumptions), StatusIs(absl::StatusCode::kInvalidArgument));
  assumptions = WorkedAssumptions();
  assumptions.link_rates[IdentifierKind::kCity] = {.low = 0.1, .likely = 0.2, .high = 0.3};
  EXPECT_THAT(CheckAssumptions(assumptions), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace snapledger::matchrate
