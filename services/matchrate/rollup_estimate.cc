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

RollupEstimate EstimateRollup(const CalibratedModel& model, const SetShares& shares) {
  LinearEstimates estimates(model);
  RollupEstimate rollup{.rate = estimates.Of(shares)};
  for (const auto& [kind, share] : model.assumptions().link_rates) {
    rollup.identifiers.push_back(EstimateIdentifier(kind, shares, &estimates));
  }
  return rollup;
}

absl::StatusOr<GatedEstimate> EstimateMatchRate(const Assumptions& assumptions,
                                                std::span<const MatchObservation> observations,
                                                const SetShares& shares, int64_t scope_events,
                                                const EstimateOptions& options) {
  absl::StatusOr<CalibratedModel> model =
      CalibratedModel::Fit(assumptions, observations, options.fit);
  if (!model.ok()) return model.status();
  GatedEstimate estimate;
  if (scope_events < options.scope_events_min) {
    estimate.reason = absl::StrFormat("%d events are too few for an estimate; it takes %d",
                                      scope_events, options.scope_events_min);
    return estimate;
  }
  if (!observations.empty()) {
    Identifiability found = CheckIdentifiability(assumptions, observations, shares, options.gate);
    if (!found.sufficient) {
      estimate.reason = std::move(found.reason);
      return estimate;
    }
  }
  estimate.basis = model->calibrated() ? EstimateBasis::kCalibrated : EstimateBasis::kPriorOnly;
  estimate.rollup = EstimateRollup(*model, shares);
  estimate.model = *std::move(model);
  return estimate;
}

}  // namespace snapledger::matchrate
