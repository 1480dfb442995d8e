#include "services/matchrate/backtest.h"

#include <gtest/gtest.h>

#include <vector>

#include "services/matchrate/random_stream.h"
#include "tests/services/matchrate/worked_example.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

using support::StatusIs;

// Counts of 400 events each, in turns of the three sets of the worked example.
std::vector<MatchObservation> Counts(int count, const std::vector<double>& rates) {
  RandomStream random(11, 0);
  const event::IdentifierMask sets[] = {kEmailBit | kPhoneBit | kIpBit, kEmailBit | kIpBit, kIpBit};
  std::vector<MatchObservation> observations;
  for (int i = 0; i < count; ++i) {
    MatchObservation one{.shares = {{sets[i % 3], 1}}, .events = 400};
    for (int64_t event = 0; event < one.events; ++event) {
      if (random.NextUniform() < rates[static_cast<size_t>(i % 3)]) ++one.matches;
    }
    observations.push_back(one);
  }
  return observations;
}

TEST(BacktestTest, PredictsBeforeItLearns) {
  const std::vector<MatchObservation> observations = Counts(30, {0.48, 0.42, 0.20});
  ASSERT_OK_AND_ASSIGN(const std::vector<BacktestStep> steps,
                       Backtest(WorkedAssumptions(), observations, {.draws = 500}));
  ASSERT_EQ(steps.size(), observations.size());
  const BacktestSummary summary = Summarise(steps);
  EXPECT_EQ(summary.observations, 30);
  EXPECT_GE(summary.within80, 0.6);
  EXPECT_GE(summary.within95, 0.85);
  EXPECT_GT(summary.log_score, summary.naive_union_log_score);
  EXPECT_GT(summary.log_score, summary.set_rates_log_score);
}

TEST(BacktestTest, AStepKnowsNothingOfWhatCameLater) {
  std::vector<MatchObservation> observations = Counts(4, {0.48, 0.42, 0.20});
  ASSERT_OK_AND_ASSIGN(const std::vector<BacktestStep> steps,
                       Backtest(WorkedAssumptions(), observations, {.draws = 200}));
  observations.back().matches = 0;
  ASSERT_OK_AND_ASSIGN(const std::vector<BacktestStep> others,
                       Backtest(WorkedAssumptions(), observations, {.draws = 200}));
  for (size_t i = 0; i + 1 < steps.size(); ++i) EXPECT_EQ(steps[i].place, others[i].place);
  EXPECT_NE(steps.back().place, others.back().place);
  EXPECT_FALSE(others.back().within95);
}

TEST(BacktestTest, AnUnsoundLastObservationIsAnError) {
  std::vector<MatchObservation> observations = Counts(2, {0.48, 0.42, 0.20});
  observations.back().matches = 401;
  EXPECT_THAT(Backtest(WorkedAssumptions(), observations),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Summarise({}).observations, 0);
}

}  // namespace
}  // namespace snapledger::matchrate
