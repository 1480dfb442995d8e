#include "tests/simulation/simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/base/log.h"

namespace snapledger::simulation {
namespace {

constexpr uint64_t kSeeds = 500;
constexpr uint64_t kSeedsToFindABug = 2000;

class SimulationTest : public ::testing::Test {
 protected:
  SimulationTest() { base::SetLogThreshold(base::Severity::kNone); }
};

TEST_F(SimulationTest, NoSeedBreaksAnInvariant) {
  int64_t crashes = 0;
  int64_t requests = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Result result = Simulate(seed, PlantedBug::kNone);
    ASSERT_TRUE(result.ok) << "seed " << seed << "\n" << result.text;
    crashes += result.crashes;
    requests += result.requests;
  }
  // The faults happened.
  EXPECT_GT(crashes, static_cast<int64_t>(kSeeds) / 10);
  EXPECT_GT(requests, static_cast<int64_t>(kSeeds) * 20);
}

TEST_F(SimulationTest, ASeedGivesTheSameRunAgain) {
  for (const uint64_t seed : {3, 4, 5}) {
    const Result first = Simulate(seed, PlantedBug::kNone);
    const Result second = Simulate(seed, PlantedBug::kNone);
    EXPECT_EQ(first.requests, second.requests);
    EXPECT_EQ(first.events, second.events);
    EXPECT_EQ(first.virtual_time, second.virtual_time);
  }
}

class PlantedBugTest : public SimulationTest, public ::testing::WithParamInterface<int> {};

TEST_P(PlantedBugTest, IsFound) {
  for (uint64_t seed = 1; seed <= kSeedsToFindABug; ++seed) {
    const Result result = Simulate(seed, static_cast<PlantedBug>(GetParam()));
    if (result.ok) continue;
    RecordProperty("seed", static_cast<int>(seed));
    std::cout << kPlantedBugNames[GetParam()] << " found at seed " << seed << ": " << result.text;
    return;
  }
  FAIL() << kPlantedBugNames[GetParam()] << " was not found in " << kSeedsToFindABug << " seeds";
}

INSTANTIATE_TEST_SUITE_P(Bugs, PlantedBugTest,
                         ::testing::Range(1, static_cast<int>(kPlantedBugNames.size())));

}  // namespace
}  // namespace snapledger::simulation
