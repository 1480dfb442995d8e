#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "services/matchrate/match_observation.h"
#include "services/matchrate/prior_model.h"
#include "services/matchrate/random_stream.h"
#include "services/matchrate/rate_parameters.h"

namespace snapledger::matchrate {

// What observations say of the rates of the sets they cover, given the parameters. Each set's rate
// is integrated out: exactly (beta-binomial) for counts of one set, in normal approximation for
// totals over several. Pure, thread-safe.
class ObservedSets {
 public:
  // The observations must be sound: shares that sum to 1, 0 <= matches <= events, events > 0.
  ObservedSets(const Assumptions& assumptions, std::span<const MatchObservation> observations);

  // Sets of matching keys, ascending.
  const std::vector<event::IdentifierMask>& sets() const { return sets_; }

  // The marginal likelihood of all observations, up to a constant.
  double LogLikelihood(const RateParameters& parameters,
                       const RateParameters::Values& values) const;

  // Rates of sets() drawn given the parameters and all observations: a draw of the beta posteriors,
  // moved by the totals as Matheron's rule does it.
  std::vector<double> DrawRates(const RateParameters& parameters,
                                const RateParameters::Values& values, RandomStream* random) const;

 private:
  struct Total {
    Eigen::VectorXd shares;
    double share = 0;  // matched
    double variance = 0;
  };
  // Beta posteriors given the counts of single sets.
  struct Betas {
    std::vector<double> a, b;
    Eigen::VectorXd means, variances;
  };

  Betas BetasOf(const RateParameters& parameters, const RateParameters::Values& values) const;
  double LogLikelihoodOfTotals(const Betas& betas) const;

  std::vector<event::IdentifierMask> sets_;
  std::vector<double> matches_, events_;  // by set, counts of that set alone
  std::vector<Total> totals_;
  // Of the totals: shares' * variances^-1 * shares, and with the matched shares.
  Eigen::MatrixXd precision_;
  Eigen::VectorXd pull_;
  double square_ = 0;
};

}  // namespace snapledger::matchrate
