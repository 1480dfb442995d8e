#include "services/matchrate/linear_estimate.h"

#include <algorithm>

namespace snapledger::matchrate {

const LinearEstimates::SetRate& LinearEstimates::RateOf(event::IdentifierMask set) {
  const auto found = rates_.find(set);
  if (found != rates_.end()) return found->second;
  return rates_.emplace(set, SetRate{.rate = model_.Rate(set), .draws = model_.Draws(set)})
      .first->second;
}

std::vector<double> LinearEstimates::DrawsOf(const SetShares& weights) {
  std::vector<double> sums(static_cast<size_t>(model_.draws()), 0);
  for (const auto& [set, weight] : weights) {
    if (weight == 0) continue;
    const std::vector<double>& draws = RateOf(set).draws;
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += weight * draws[i];
  }
  return sums;
}

Estimate LinearEstimates::Of(const SetShares& weights) {
  Estimate estimate;
  for (const auto& [set, weight] : weights) {
    if (weight != 0) estimate.value += weight * RateOf(set).rate;
  }
  std::vector<double> sums = DrawsOf(weights);
  std::sort(sums.begin(), sums.end());
  estimate.within80 = {.lower = SampleQuantile(sums, 0.10), .upper = SampleQuantile(sums, 0.90)};
  estimate.within95 = {.lower = SampleQuantile(sums, 0.025), .upper = SampleQuantile(sums, 0.975)};
  return estimate;
}

SetShares Minus(const SetShares& after, const SetShares& before) {
  SetShares difference = after;
  for (const auto& [set, share] : before) difference[set] -= share;
  return difference;
}

}  // namespace snapledger::matchrate
