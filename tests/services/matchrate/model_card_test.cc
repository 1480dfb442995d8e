#include "services/matchrate/model_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/matchrate/worked_example.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

storage::MatchObservationRow Report(const std::string& event_name, int64_t matched, int64_t total) {
  storage::MatchObservationRow row;
  row.event_name = event_name;
  row.matched = matched;
  row.total = total;
  row.window_start = kNow - absl::Hours(48);
  row.window_end = kNow - absl::Hours(24);
  return row;
}

class ModelCardTest : public ::testing::Test {
 protected:
  void SetUp() override { Learn({}, {}); }

  void Learn(Observations learned, std::vector<MatchObservation> observations) {
    absl::StatusOr<CalibratedModel> fitted =
        CalibratedModel::Fit(WorkedAssumptions(), observations);
    ASSERT_OK(fitted);
    model_.emplace(FittedModel{.model = *std::move(fitted),
                               .learned = std::move(learned),
                               .observations = std::move(observations),
                               .version = "abc123",
                               .through = kNow - absl::Hours(24)});
  }

  std::string Card(int64_t events = 100'000) const {
    const SetShares shares = WorkedShares();
    return RenderModelCard(
        {.model = *model_, .backtest = steps_, .shares = shares, .events = events, .as_of = kNow});
  }

  std::optional<FittedModel> model_;
  std::vector<BacktestStep> steps_;
};

TEST_F(ModelCardTest, SaysWhatIsAssumedAndThatNothingWasReported) {
  EXPECT_THAT(
      Card(),
      AllOf(HasSubstr("# Match rate model abc123"), HasSubstr("It rests on assumptions alone."),
            HasSubstr("| buyers with an account (reach) | 50.0 % | 60.0 % | 70.0 % |"),
            HasSubstr("| link rate of phone | 50.0 % | 60.0 % | 70.0 % |"),
            HasSubstr("Nothing was reported that could be learned from"),
            HasSubstr("Nothing to test against yet.")));
}

// The worked example: the estimate of all three keys with its bounds and the naive union.
TEST_F(ModelCardTest, ShowsEachSetWithItsBoundsAndTheNaiveUnion) {
  EXPECT_THAT(Card(), HasSubstr("| 0.555 | 0.450 to 0.960 | 0.450 to 0.600 | 0.701 |"));
}

TEST_F(ModelCardTest, AReportStandsWithBothIntervals) {
  Learn({Report("PURCHASE", 400, 1000)},
        {{.shares = WorkedShares(), .matches = 400, .events = 1000}});
  EXPECT_THAT(Card(), AllOf(HasSubstr("Learned from 1 reports"),
                            HasSubstr("| PURCHASE | 400 | 1000 | 40.0 % | 37.0 % to 43.1 % | "
                                      "37.0 % to 43.1 % |"),
                            Not(HasSubstr("Nothing was reported"))));
}

TEST_F(ModelCardTest, WhatWasLeftOutIsNamedWithItsReason) {
  model_->left_out.push_back({Report("SAVE", 1, 2), "nothing was delivered in its window"});
  EXPECT_THAT(Card(), AllOf(HasSubstr("Not learned from:"), HasSubstr("- SAVE, "),
                            HasSubstr(": nothing was delivered in its window")));
}

TEST_F(ModelCardTest, ANameCannotBreakTheTable) {
  model_->left_out.push_back({Report("a|b<script>", 1, 2), "why"});
  EXPECT_THAT(Card(), HasSubstr("a\\|b\\<script\\>"));
}

TEST_F(ModelCardTest, TheBacktestStandsBesideWhatItHasToBeat) {
  steps_ = {{.within80 = true,
             .within95 = true,
             .log_score = -3,
             .naive_union_log_score = -9,
             .set_rates_log_score = -7},
            {.within80 = false,
             .within95 = true,
             .log_score = -5,
             .naive_union_log_score = -11,
             .set_rates_log_score = -8}};
  EXPECT_THAT(
      Card(),
      AllOf(HasSubstr("last 2 reports"), HasSubstr("Within the 80 % interval: 50.0 %"),
            HasSubstr("within the 95 % interval: 100.0 %"), HasSubstr("| this model | -4.00 |"),
            HasSubstr("| naive union | -10.00 |"), HasSubstr("| raw rates of sets | -7.50 |")));
}

TEST_F(ModelCardTest, WithoutEventsThereIsNoNumber) {
  EXPECT_THAT(Card(/*events=*/0), AllOf(HasSubstr("It gives no number for these events."),
                                        HasSubstr("None: "), HasSubstr("| none |")));
}

}  // namespace
}  // namespace snapledger::matchrate
