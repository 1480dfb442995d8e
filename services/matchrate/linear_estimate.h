#pragma once

#include <map>
#include <vector>

#include "services/matchrate/calibrated_model.h"
#include "services/matchrate/intervals.h"
#include "services/matchrate/match_observation.h"

namespace snapledger::matchrate {

// A figure of the model with the intervals it lies in with probability 0.80 and 0.95.
struct Estimate {
  double value = 0;
  Interval within80;
  Interval within95;
};

// Estimates of sums of rates, each set's times its weight: every figure the model gives is one, a
// difference having negative weights. The draws of the sets are summed one by one, so that what
// they share cancels or adds up as it should. Keeps the draws of each set it met. One thread at a
// time.
class LinearEstimates {
 public:
  // The model must outlive this.
  explicit LinearEstimates(const CalibratedModel& model) : model_(model) {}

  const CalibratedModel& model() const { return model_; }

  Estimate Of(const SetShares& weights);

  // The sum's draws, in the model's order.
  std::vector<double> DrawsOf(const SetShares& weights);

 private:
  struct SetRate {
    double rate = 0;
    std::vector<double> draws;
  };
  const SetRate& RateOf(event::IdentifierMask set);

  const CalibratedModel& model_;
  std::map<event::IdentifierMask, SetRate> rates_;
};

// `difference`[s] = `after`[s] - `before`[s].
SetShares Minus(const SetShares& after, const SetShares& before);

}  // namespace snapledger::matchrate
