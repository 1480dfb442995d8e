#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "services/matchrate/match_observation.h"
#include "services/matchrate/prior_model.h"
#include "services/matchrate/rate_parameters.h"

namespace snapledger::matchrate {

struct FitOptions {
  // The same data, assumptions and options give the same figures.
  uint64_t seed = 1;
  int draws = 2000;
};

// Level 1: the rate theta_s of each set, with what is reported of it. theta_s has the prior
// Beta(kappa * mu_s, kappa * (1 - mu_s)) around level 0's mu_s and, with x_s of n_s reported, the
// posterior Beta(kappa * mu_s + x_s, kappa * (1 - mu_s) + n_s - x_s): sets with few reports shrink
// to the structure. Reach, link rates and kappa come from the marginal likelihood of all
// observations (empirical Bayes); the draws carry what it leaves open of them, and so the
// covariance of sets that share them, instead of one best value.
//
// Says nothing of whether the observations suffice: see identifiability.h. Immutable, thread-safe.
class CalibratedModel {
 public:
  // Blocks for a fraction of a second. Without observations the draws are the assumptions'.
  // INVALID_ARGUMENT: unsound assumptions (see CheckAssumptions) or observations: no events, more
  // matches than events, shares that are negative or do not sum to 1, no or too few draws.
  static absl::StatusOr<CalibratedModel> Fit(Assumptions assumptions,
                                             std::span<const MatchObservation> observations,
                                             const FitOptions& options = {});

  // Any observation was given.
  bool calibrated() const { return calibrated_; }
  // The value of kappa at the peak; the assumed middle without observations.
  double concentration() const { return concentration_; }
  int draws() const { return options_.draws; }
  const Assumptions& assumptions() const { return assumptions_; }

  // The rate of events with exactly this set: level 0's at the likely values without observations,
  // the mean of the draws with them. 0 where the set has no matching key.
  double Rate(event::IdentifierMask set) const;

  // Draws of it; the i-th draws of several sets belong together.
  std::vector<double> Draws(event::IdentifierMask set) const;

 private:
  CalibratedModel(Assumptions assumptions, const FitOptions& options)
      : assumptions_(std::move(assumptions)), parameters_(assumptions_), options_(options) {}
  void DrawParameters();
  void DrawPosterior(std::span<const MatchObservation> observations);

  Assumptions assumptions_;
  RateParameters parameters_;
  FitOptions options_;
  bool calibrated_ = false;
  double concentration_ = 0;
  std::vector<RateParameters::Values> values_;                     // by draw
  std::map<event::IdentifierMask, std::vector<double>> observed_;  // draws by set of matching keys
};

}  // namespace snapledger::matchrate
