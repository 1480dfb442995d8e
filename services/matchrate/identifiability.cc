#include "services/matchrate/identifiability.h"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <limits>
#include <map>

#include "absl/strings/str_format.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierMask;

// Shares by set of matching keys.
SetShares KeyShares(const Assumptions& assumptions, const SetShares& shares) {
  SetShares keys;
  for (const auto& [set, share] : shares) {
    if (const IdentifierMask key_set = KeysOf(assumptions, set); key_set != 0) {
      keys[key_set] += share;
    }
  }
  return keys;
}

// Belsley's index: the columns of the design are the sets' shares in each observation, weighted by
// its events and brought to length 1, so that a rare set counts as much as a common one.
double ConditionIndex(std::span<const SetShares> rows, std::span<const MatchObservation> weights,
                      const std::map<IdentifierMask, Eigen::Index>& columns) {
  const auto size = static_cast<Eigen::Index>(columns.size());
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(size, size);
  for (size_t i = 0; i < rows.size(); ++i) {
    Eigen::VectorXd row = Eigen::VectorXd::Zero(size);
    for (const auto& [set, share] : rows[i]) {
      if (const auto column = columns.find(set); column != columns.end()) {
        row[column->second] = share;
      }
    }
    gram += static_cast<double>(weights[i].events) * row * row.transpose();
  }
  const Eigen::VectorXd lengths = gram.diagonal().cwiseSqrt();
  const Eigen::VectorXd scale = lengths.cwiseInverse();
  gram = scale.asDiagonal() * gram * scale.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram, Eigen::EigenvaluesOnly);
  const double smallest = solver.eigenvalues()[0];
  // Rounding leaves about 1e-16 where the sets cannot be told apart at all.
  if (smallest < 1e-12) return std::numeric_limits<double>::infinity();
  return std::sqrt(solver.eigenvalues()[size - 1] / smallest);
}

std::string ReasonOf(const Identifiability& found, const GateLimits& limits) {
  if (found.events < limits.events_min) {
    return absl::StrFormat(
        "too few events: the reported counts cover %d events with a matching key, %d are needed",
        found.events, limits.events_min);
  }
  if (found.condition > limits.condition_max) {
    return absl::StrFormat(
        "the totals cannot tell the identifier sets apart: their mix hardly varies (condition "
        "index %.3g, at most %g); import counts by identifier set, or over times or sources whose "
        "mix differs",
        found.condition, limits.condition_max);
  }
  if (found.observed_share < limits.observed_share_min) {
    return absl::StrFormat(
        "nothing was reported of the identifier sets that make up %.0f %% of these events",
        100 * (1 - found.observed_share));
  }
  return "";
}

}  // namespace

Identifiability CheckIdentifiability(const Assumptions& assumptions,
                                     std::span<const MatchObservation> observations,
                                     const SetShares& scope, const GateLimits& limits) {
  std::vector<SetShares> rows;
  std::map<IdentifierMask, double> events_of;
  double events = 0;
  for (const MatchObservation& observation : observations) {
    rows.push_back(KeyShares(assumptions, observation.shares));
    for (const auto& [set, share] : rows.back()) {
      events_of[set] += share * static_cast<double>(observation.events);
      events += share * static_cast<double>(observation.events);
    }
  }
  std::map<IdentifierMask, Eigen::Index> columns;
  for (const auto& [set, count] : events_of) {
    if (count > 0 && count >= limits.set_share_min * events) {
      columns.emplace(set, static_cast<Eigen::Index>(columns.size()));
    }
  }
  Identifiability found{.events = std::llround(events)};
  found.condition = columns.empty() ? std::numeric_limits<double>::infinity()
                                    : ConditionIndex(rows, observations, columns);
  double wanted = 0;
  for (const auto& [set, share] : KeyShares(assumptions, scope)) {
    wanted += share;
    if (const auto seen = events_of.find(set); seen != events_of.end() && seen->second > 0) {
      found.observed_share += share;
    }
  }
  found.observed_share = wanted > 0 ? found.observed_share / wanted : 1;
  found.reason = ReasonOf(found, limits);
  found.sufficient = found.reason.empty();
  return found;
}

}  // namespace snapledger::matchrate
