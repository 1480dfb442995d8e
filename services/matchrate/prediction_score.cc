#include "services/matchrate/prediction_score.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <map>
#include <vector>

#include "services/matchrate/linear_estimate.h"

namespace snapledger::matchrate {
namespace {

using boost::math::lgamma;
using event::IdentifierMask;

double LogBeta(double a, double b) { return lgamma(a) + lgamma(b) - lgamma(a + b); }

// The union's rate of a mix whose sets deviate from it by the concentration.
PredictedRate NaiveUnion(const Assumptions& assumptions, const SetShares& shares,
                         double concentration) {
  PredictedRate rate;
  std::map<IdentifierMask, double> keys;
  for (const auto& [set, share] : shares) keys[KeysOf(assumptions, set)] += share;
  for (const auto& [set, share] : keys) {
    const double naive = PriorOf(assumptions, set).naive_union;
    rate.mean += share * naive;
    rate.variance += share * share * naive * (1 - naive) / (concentration + 1);
  }
  return rate;
}

}  // namespace

double LogScore(const PredictedRate& rate, const MatchObservation& observation) {
  const double mean = std::clamp(rate.mean, 1e-9, 1 - 1e-9);
  const double most = mean * (1 - mean);
  const double concentration = std::clamp(most / std::max(rate.variance, 1e-12) - 1, 1e-3, 1e9);
  const double a = concentration * mean;
  const double b = concentration * (1 - mean);
  const auto x = static_cast<double>(observation.matches);
  const auto n = static_cast<double>(observation.events);
  return -std::log(n + 1) - LogBeta(x + 1, n - x + 1) + LogBeta(a + x, b + n - x) - LogBeta(a, b);
}

PredictedRate PredictByModel(const CalibratedModel& model, const MatchObservation& observation) {
  const std::vector<double> draws = LinearEstimates(model).DrawsOf(observation.shares);
  const auto count = static_cast<double>(draws.size());
  PredictedRate rate;
  for (const double draw : draws) rate.mean += draw / count;
  for (const double draw : draws) {
    rate.variance += (draw - rate.mean) * (draw - rate.mean) / (count - 1);
  }
  return rate;
}

double PredictivePlace(const CalibratedModel& model, const MatchObservation& observation) {
  const std::vector<double> draws = LinearEstimates(model).DrawsOf(observation.shares);
  const auto x = static_cast<double>(observation.matches);
  const auto n = static_cast<double>(observation.events);
  double place = 0;
  for (const double draw : draws) {
    const boost::math::binomial_distribution<double> counts(n, std::clamp(draw, 0.0, 1.0));
    place += boost::math::cdf(counts, x) - boost::math::pdf(counts, x) / 2;
  }
  return place / static_cast<double>(draws.size());
}

PredictedRate PredictByNaiveUnion(const Assumptions& assumptions,
                                  std::span<const MatchObservation> past,
                                  const MatchObservation& observation) {
  double best = 0;
  double best_concentration = 100;
  for (int step = 2; step <= 26; ++step) {
    const double concentration = std::pow(2.0, 0.5 * step);
    double sum = 0;
    for (const MatchObservation& one : past) {
      sum += LogScore(NaiveUnion(assumptions, one.shares, concentration), one);
    }
    if (step > 2 && sum <= best) continue;
    best = sum;
    if (!past.empty()) best_concentration = concentration;
  }
  return NaiveUnion(assumptions, observation.shares, best_concentration);
}

PredictedRate PredictBySetRates(const Assumptions& assumptions,
                                std::span<const MatchObservation> past,
                                const MatchObservation& observation) {
  struct Counts {
    double matches = 0.5;
    double misses = 0.5;
  };
  std::map<IdentifierMask, Counts> counts;
  for (const MatchObservation& one : past) {
    for (const auto& [set, share] : one.shares) {
      Counts& known = counts[KeysOf(assumptions, set)];
      known.matches += share * static_cast<double>(one.matches);
      known.misses += share * static_cast<double>(one.events - one.matches);
    }
  }
  std::map<IdentifierMask, double> keys;
  for (const auto& [set, share] : observation.shares) keys[KeysOf(assumptions, set)] += share;
  PredictedRate rate;
  for (const auto& [set, share] : keys) {
    if (set == 0) continue;
    const Counts& known = counts[set];
    const double events = known.matches + known.misses;
    const double mean = known.matches / events;
    rate.mean += share * mean;
    rate.variance += share * share * mean * (1 - mean) / (events + 1);
  }
  return rate;
}

}  // namespace snapledger::matchrate
