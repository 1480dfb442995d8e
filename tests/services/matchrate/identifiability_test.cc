#include "services/matchrate/identifiability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/services/matchrate/worked_example.h"

namespace snapledger::matchrate {
namespace {

using testing::HasSubstr;

MatchObservation Total(double email, int64_t events) {
  return {.shares = {{kEmailBit, email}, {kIpBit, 1 - email}}, .events = events};
}

const SetShares kScope = {{kEmailBit, 0.5}, {kIpBit, 0.5}};

TEST(IdentifiabilityTest, CountsOfSetsSuffice) {
  const std::vector<MatchObservation> observations = {{.shares = {{kEmailBit, 1}}, .events = 5000},
                                                      {.shares = {{kIpBit, 1}}, .events = 300}};
  const Identifiability found = CheckIdentifiability(WorkedAssumptions(), observations, kScope);
  EXPECT_TRUE(found.sufficient) << found.reason;
  EXPECT_NEAR(found.condition, 1, 1e-9);
  EXPECT_DOUBLE_EQ(found.observed_share, 1);
}

TEST(IdentifiabilityTest, TotalsSufficeWhereTheirMixVaries) {
  const std::vector<MatchObservation> observations = {Total(0.2, 1000), Total(0.7, 1000)};
  EXPECT_TRUE(CheckIdentifiability(WorkedAssumptions(), observations, kScope).sufficient);
}

TEST(IdentifiabilityTest, TotalsOfOneMixDoNot) {
  std::vector<MatchObservation> observations(90, Total(0.5, 100'000));
  Identifiability found = CheckIdentifiability(WorkedAssumptions(), observations, kScope);
  EXPECT_FALSE(found.sufficient);
  EXPECT_TRUE(std::isinf(found.condition));
  EXPECT_THAT(found.reason, HasSubstr("mix hardly varies"));
  for (size_t i = 0; i < observations.size(); i += 2) observations[i] = Total(0.51, 100'000);
  found = CheckIdentifiability(WorkedAssumptions(), observations, kScope);
  EXPECT_FALSE(found.sufficient);
  EXPECT_FALSE(std::isinf(found.condition));
}

TEST(IdentifiabilityTest, FewEventsDoNot) {
  const std::vector<MatchObservation> observations = {{.shares = {{kEmailBit, 1}}, .events = 199}};
  const Identifiability found =
      CheckIdentifiability(WorkedAssumptions(), observations, {{kEmailBit, 1}});
  EXPECT_FALSE(found.sufficient);
  EXPECT_THAT(found.reason, HasSubstr("too few events"));
}

TEST(IdentifiabilityTest, EventsWithoutAKeyCountForNothing) {
  const std::vector<MatchObservation> observations = {
      {.shares = {{kEmailBit, 0.1}, {kCityBit, 0.9}}, .events = 1000}};
  const Identifiability found =
      CheckIdentifiability(WorkedAssumptions(), observations, {{kEmailBit, 0.3}, {kCityBit, 0.7}});
  EXPECT_FALSE(found.sufficient);
  EXPECT_EQ(found.events, 100);
  EXPECT_DOUBLE_EQ(found.observed_share, 1);
}

TEST(IdentifiabilityTest, ReportsOfOtherSetsDoNot) {
  const std::vector<MatchObservation> observations = {
      {.shares = {{kPhoneBit, 1}}, .events = 10'000}};
  const Identifiability found =
      CheckIdentifiability(WorkedAssumptions(), observations, {{kPhoneBit, 0.3}, {kIpBit, 0.7}});
  EXPECT_FALSE(found.sufficient);
  EXPECT_THAT(found.reason, HasSubstr("70 %"));
}

}  // namespace
}  // namespace snapledger::matchrate
