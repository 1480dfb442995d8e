#include "services/matchrate/backtest.h"

#include <algorithm>
#include <cmath>

#include "services/matchrate/prediction_score.h"

namespace snapledger::matchrate {
namespace {

BacktestStep StepOf(const CalibratedModel& model, const Assumptions& assumptions,
                    std::span<const MatchObservation> past, const MatchObservation& next) {
  BacktestStep step{.place = PredictivePlace(model, next)};
  step.within80 = std::fabs(step.place - 0.5) <= 0.400;
  step.within95 = std::fabs(step.place - 0.5) <= 0.475;
  step.log_score = LogScore(PredictByModel(model, next), next);
  step.naive_union_log_score = LogScore(PredictByNaiveUnion(assumptions, past, next), next);
  step.set_rates_log_score = LogScore(PredictBySetRates(assumptions, past, next), next);
  return step;
}

}  // namespace

absl::StatusOr<std::vector<BacktestStep>> Backtest(const Assumptions& assumptions,
                                                   std::span<const MatchObservation> observations,
                                                   const FitOptions& options, size_t steps_max) {
  // The last observation is learned from only to see that it can be.
  absl::StatusOr<CalibratedModel> all = CalibratedModel::Fit(assumptions, observations, options);
  if (!all.ok()) return all.status();
  std::vector<BacktestStep> steps;
  const size_t skipped = observations.size() - std::min(observations.size(), steps_max);
  for (size_t i = skipped; i < observations.size(); ++i) {
    const std::span<const MatchObservation> past = observations.first(i);
    absl::StatusOr<CalibratedModel> model = CalibratedModel::Fit(assumptions, past, options);
    if (!model.ok()) return model.status();
    steps.push_back(StepOf(*model, assumptions, past, observations[i]));
  }
  return steps;
}

BacktestSummary Summarise(std::span<const BacktestStep> steps) {
  BacktestSummary summary{.observations = static_cast<int64_t>(steps.size())};
  const auto count = static_cast<double>(steps.size());
  for (const BacktestStep& step : steps) {
    summary.within80 += (step.within80 ? 1 : 0) / count;
    summary.within95 += (step.within95 ? 1 : 0) / count;
    summary.log_score += step.log_score / count;
    summary.naive_union_log_score += step.naive_union_log_score / count;
    summary.set_rates_log_score += step.set_rates_log_score / count;
  }
  return summary;
}

}  // namespace snapledger::matchrate
