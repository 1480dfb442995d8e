#include "services/matchrate/observed_sets.h"

#include <math.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <map>

namespace snapledger::matchrate {
namespace {

using event::IdentifierMask;

// std::lgamma writes a global sign.
double LogGamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

// Of x matches and y misses under Beta(a, b).
double LogBetaBinomial(double a, double b, double x, double y) {
  return LogGamma(a + x) - LogGamma(a) + LogGamma(b + y) - LogGamma(b) -
         (LogGamma(a + b + x + y) - LogGamma(a + b));
}

// Of a total's matched share. Events of one set match as a binomial; a mix of sets whose rates
// differ varies less than one binomial of its mean would. The rates are the likely ones, scaled to
// the share that was seen. Half a match and half a miss keep it off 0.
double VarianceOf(const Assumptions& assumptions, const SetShares& shares, double matches,
                  double events) {
  const double seen = (matches + 0.5) / (events + 1);
  double likely = 0;
  for (const auto& [set, share] : shares) likely += share * PriorOf(assumptions, set).rate;
  const double whole = seen * (1 - seen);
  if (likely <= 0) return whole / events;
  double within = 0;
  for (const auto& [set, share] : shares) {
    const double rate = std::min(1.0, PriorOf(assumptions, set).rate * seen / likely);
    within += share * rate * (1 - rate);
  }
  return std::clamp(within, whole / 2, whole) / events;
}

}  // namespace

ObservedSets::ObservedSets(const Assumptions& assumptions,
                           std::span<const MatchObservation> observations) {
  std::vector<SetShares> rows;
  std::map<IdentifierMask, size_t> index;
  for (const MatchObservation& observation : observations) {
    SetShares& row = rows.emplace_back();
    for (const auto& [set, share] : observation.shares) {
      const IdentifierMask keys = KeysOf(assumptions, set);
      if (share > 0) row[keys] += share;
      if (share > 0 && keys != 0) index.emplace(keys, 0);
    }
  }
  for (auto& [set, at] : index) {
    at = sets_.size();
    sets_.push_back(set);
  }
  matches_.assign(sets_.size(), 0);
  events_.assign(sets_.size(), 0);
  const auto size = static_cast<Eigen::Index>(sets_.size());
  precision_ = Eigen::MatrixXd::Zero(size, size);
  pull_ = Eigen::VectorXd::Zero(size);
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto matches = static_cast<double>(observations[i].matches);
    const auto events = static_cast<double>(observations[i].events);
    if (rows[i].size() == 1) {
      if (rows[i].begin()->first == 0) continue;
      matches_[index[rows[i].begin()->first]] += matches;
      events_[index[rows[i].begin()->first]] += events;
      continue;
    }
    Total total{.shares = Eigen::VectorXd::Zero(size),
                .share = matches / events,
                .variance = VarianceOf(assumptions, rows[i], matches, events)};
    for (const auto& [set, share] : rows[i]) {
      if (set != 0) total.shares[static_cast<Eigen::Index>(index[set])] = share;
    }
    precision_ += total.shares * total.shares.transpose() / total.variance;
    pull_ += total.shares * total.share / total.variance;
    square_ += total.share * total.share / total.variance;
    totals_.push_back(std::move(total));
  }
}

ObservedSets::Betas ObservedSets::BetasOf(const RateParameters& parameters,
                                          const RateParameters::Values& values) const {
  const auto size = static_cast<Eigen::Index>(sets_.size());
  Betas betas{.a = std::vector<double>(sets_.size()),
              .b = std::vector<double>(sets_.size()),
              .means = Eigen::VectorXd(size),
              .variances = Eigen::VectorXd(size)};
  for (size_t i = 0; i < sets_.size(); ++i) {
    const double rate = parameters.Rate(values, sets_[i]);
    const double a = values.concentration * rate + matches_[i];
    const double b = values.concentration * (1 - rate) + events_[i] - matches_[i];
    const auto at = static_cast<Eigen::Index>(i);
    betas.a[i] = a;
    betas.b[i] = b;
    betas.means[at] = a / (a + b);
    betas.variances[at] = a * b / ((a + b) * (a + b) * (a + b + 1));
  }
  return betas;
}

double ObservedSets::LogLikelihood(const RateParameters& parameters,
                                   const RateParameters::Values& values) const {
  double sum = 0;
  for (size_t i = 0; i < sets_.size(); ++i) {
    if (events_[i] == 0) continue;
    const double rate = parameters.Rate(values, sets_[i]);
    sum += LogBetaBinomial(values.concentration * rate, values.concentration * (1 - rate),
                           matches_[i], events_[i] - matches_[i]);
  }
  if (!totals_.empty()) sum += LogLikelihoodOfTotals(BetasOf(parameters, values));
  return sum;
}

// Of normal totals y = shares * theta + noise with theta ~ N(means, variances), by the matrix
// inversion lemma, so that the work does not grow with the number of totals.
double ObservedSets::LogLikelihoodOfTotals(const Betas& betas) const {
  Eigen::MatrixXd inner = precision_;
  inner.diagonal() += betas.variances.cwiseInverse();
  const Eigen::LLT<Eigen::MatrixXd> factor(inner);
  const Eigen::VectorXd shift = precision_ * betas.means;
  const Eigen::VectorXd gap = pull_ - shift;
  double log_determinant = betas.variances.array().log().sum();
  for (const double root : factor.matrixLLT().diagonal()) log_determinant += 2 * std::log(root);
  const double distance =
      square_ - 2 * betas.means.dot(pull_) + betas.means.dot(shift) - gap.dot(factor.solve(gap));
  return -(log_determinant + distance) / 2;
}

std::vector<double> ObservedSets::DrawRates(const RateParameters& parameters,
                                            const RateParameters::Values& values,
                                            RandomStream* random) const {
  constexpr double kMargin = 1e-9;
  const Betas betas = BetasOf(parameters, values);
  Eigen::VectorXd rates(static_cast<Eigen::Index>(sets_.size()));
  for (size_t i = 0; i < sets_.size(); ++i) {
    rates[static_cast<Eigen::Index>(i)] = random->NextBeta(betas.a[i], betas.b[i]);
  }
  if (!totals_.empty()) {
    Eigen::VectorXd gap = pull_ - precision_ * rates;
    for (const Total& total : totals_) {
      gap -= total.shares * (random->NextNormal() / std::sqrt(total.variance));
    }
    Eigen::MatrixXd inner = precision_;
    inner.diagonal() += betas.variances.cwiseInverse();
    rates += Eigen::LLT<Eigen::MatrixXd>(inner).solve(gap);
    rates = rates.cwiseMax(kMargin).cwiseMin(1 - kMargin);
  }
  return {rates.data(), rates.data() + rates.size()};
}

}  // namespace snapledger::matchrate
