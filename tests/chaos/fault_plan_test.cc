#include "tests/chaos/fault_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace snapledger::chaos {
namespace {

std::vector<FaultKind> Kinds() {
  const auto nothing = [](Stage&, FaultRandom&) { return true; };
  return {{"a", FaultPlace::kService, nothing},
          {"b", FaultPlace::kService, nothing},
          {"c", FaultPlace::kService, nothing}};
}

std::string Names(const std::vector<FaultKind>& kinds, uint64_t seed, uint64_t worker, int steps) {
  FaultPlan plan({&kinds[0], &kinds[1], &kinds[2]}, seed, worker);
  std::string names;
  for (int i = 0; i < steps; ++i) names += plan.Next().kind->name;
  return names;
}

TEST(FaultPlanTest, EveryKindComesBeforeAnyComesAgain) {
  const std::vector<FaultKind> kinds = Kinds();
  const std::string names = Names(kinds, 7, 0, 30);
  for (size_t begin = 0; begin < names.size(); begin += 3) {
    EXPECT_THAT(names.substr(begin, 3), ::testing::UnorderedElementsAre('a', 'b', 'c')) << names;
  }
}

TEST(FaultPlanTest, TheSameSeedGivesTheSameFaultsAndParticulars) {
  const std::vector<FaultKind> kinds = Kinds();
  EXPECT_EQ(Names(kinds, 7, 1, 30), Names(kinds, 7, 1, 30));
  EXPECT_NE(Names(kinds, 7, 1, 30), Names(kinds, 8, 1, 30));
  EXPECT_NE(Names(kinds, 7, 1, 30), Names(kinds, 7, 2, 30));
  FaultPlan first({&kinds[0]}, 7, 1), second({&kinds[0]}, 7, 1);
  EXPECT_EQ(first.Next().random(), second.Next().random());
}

}  // namespace
}  // namespace snapledger::chaos
