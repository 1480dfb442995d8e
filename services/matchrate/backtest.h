#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "services/matchrate/calibrated_model.h"
#include "services/matchrate/match_observation.h"
#include "services/matchrate/prior_model.h"

namespace snapledger::matchrate {

// Whether the model can be believed: each observation is predicted from those before it, then
// learned from. Pure, thread-safe.

struct BacktestStep {
  // In the predictive distribution, 0 to 1; see PredictivePlace.
  double place = 0;
  bool within80 = false;
  bool within95 = false;
  // Of the model and of the two ways it has to beat.
  double log_score = 0;
  double naive_union_log_score = 0;
  double set_rates_log_score = 0;
};

struct BacktestSummary {
  int64_t observations = 0;
  // Shares of the observations that lay within the predicted intervals.
  double within80 = 0;
  double within95 = 0;
  // Means.
  double log_score = 0;
  double naive_union_log_score = 0;
  double set_rates_log_score = 0;
};

// One step per observation, in the order they became known, of the last `steps_max`; the first of
// all is predicted from the assumptions alone. Blocks for a fit per step. INVALID_ARGUMENT as
// CalibratedModel::Fit.
absl::StatusOr<std::vector<BacktestStep>> Backtest(
    const Assumptions& assumptions, std::span<const MatchObservation> observations,
    const FitOptions& options = {}, size_t steps_max = std::numeric_limits<size_t>::max());

// All 0 without steps.
BacktestSummary Summarise(std::span<const BacktestStep> steps);

}  // namespace snapledger::matchrate
