#include "services/matchrate/rollup_estimate.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "services/matchrate/coverage_change.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierKind;
using event::IdentifierMask;

IdentifierEstimate EstimateIdentifier(IdentifierKind kind, const SetShares& shares,
                                      LinearEstimates* estimates) {
  const IdentifierMask bit = event::MaskOf(kind);
  IdentifierEstimate identifier{.kind = kind, .coverage = CoverageOf(shares, kind)};
  SetShares present;
  SetShares gained;
  for (const auto& [set, share] : shares) {
    if ((set & bit) == 0 || share == 0) continue;
    present[set] += share / identifier.coverage;
    gained[set] += share;
    gained[static_cast<IdentifierMask>(set ^ bit)] -= share;
  }
  if (!present.empty()) identifier.rate_when_present = estimates->Of(present);
  identifier.solo_rate = estimates->Of({{bit, 1.0}});
  identifier.contribution = estimates->Of(gained);
  return identifier;
}

}  // namespace

SetPrior PriorOfMix(const Assumptions& assumptions, const SetShares& shares) {
  SetPrior mix;
  for (const auto& [set, share] : shares) {
    const SetPrior prior = PriorOf(assumptions, set);
    mix.rate += share * prior.rate;
    mix.naive_union += share * prior.naive_union;
    mix.lower_bound += share * prior.lower_bound;
    mix.upper_bound += share * prior.upper_bound;
    mix.reach_upper_bound += share * prior.reach_upper_bound;
  }
  return mix;
}

RollupEstimate EstimateRollup(const SetShares& shares, LinearEstimates* estimates) {
  RollupEstimate rollup{.rate = estimates->Of(shares)};
  for (const auto& [kind, share] : estimates->model().assumptions().link_rates) {
    rollup.identifiers.push_back(EstimateIdentifier(kind, shares, estimates));
  }
  return rollup;
}

ScopeGate CheckScope(const CalibratedModel& model, std::span<const MatchObservation> observations,
                     const SetShares& shares, int64_t scope_events, const EstimateLimits& limits) {
  if (scope_events < limits.scope_events_min) {
    return {.reason = absl::StrFormat("%d events are too few for an estimate; it takes %d",
                                      scope_events, limits.scope_events_min)};
  }
  if (observations.empty()) return {.basis = EstimateBasis::kPriorOnly};
  Identifiability found =
      CheckIdentifiability(model.assumptions(), observations, shares, limits.gate);
  if (!found.sufficient) return {.reason = std::move(found.reason)};
  return {.basis = EstimateBasis::kCalibrated};
}

absl::StatusOr<GatedEstimate> EstimateMatchRate(const Assumptions& assumptions,
                                                std::span<const MatchObservation> observations,
                                                const SetShares& shares, int64_t scope_events,
                                                const FitOptions& fit) {
  absl::StatusOr<CalibratedModel> model = CalibratedModel::Fit(assumptions, observations, fit);
  if (!model.ok()) return model.status();
  GatedEstimate estimate{.gate = CheckScope(*model, observations, shares, scope_events)};
  if (estimate.gate.basis == EstimateBasis::kInsufficient) return estimate;
  LinearEstimates estimates(*model);
  estimate.rollup = EstimateRollup(shares, &estimates);
  estimate.model = *std::move(model);
  return estimate;
}

}  // namespace snapledger::matchrate
