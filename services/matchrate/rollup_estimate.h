#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/matchrate/calibrated_model.h"
#include "services/matchrate/identifiability.h"
#include "services/matchrate/linear_estimate.h"
#include "services/matchrate/prior_model.h"

namespace snapledger::matchrate {

// The match rate of a group of events, from the exact shares of its identifier sets. Pure,
// thread-safe.

// One matching key in three senses that must not be mixed up.
struct IdentifierEstimate {
  event::IdentifierKind kind = event::IdentifierKind::kEmail;
  double coverage = 0;
  // The mean rate of the events that carry it, whatever else they carry; none where none does.
  std::optional<Estimate> rate_when_present;
  // The rate of an event that carries nothing else.
  Estimate solo_rate;
  // The rate of all events minus what it were without the identifier. Events that several
  // identifiers link count for none of them, so contributions do not add up to the rate.
  Estimate contribution;
};

struct RollupEstimate {
  Estimate rate;
  std::vector<IdentifierEstimate> identifiers;  // the keys with a link rate, by number
};
// What the likely values of the assumptions make of a group: the mean of its sets' priors, whose
// bounds hold for the mean too.
SetPrior PriorOfMix(const Assumptions& assumptions, const SetShares& shares);

// Reuses the draws that `estimates` keeps.
RollupEstimate EstimateRollup(const SetShares& shares, LinearEstimates* estimates);

enum class EstimateBasis {
  kPriorOnly,     // nothing was reported
  kCalibrated,    // the reports can tell the rates of the sets
  kInsufficient,  // too little is known: there is no estimate
};

struct EstimateLimits {
  GateLimits gate;
  int64_t scope_events_min = 50;
};

// Whether a scope of so many events with these shares can be estimated. Too few are insufficient
// too.
struct ScopeGate {
  EstimateBasis basis = EstimateBasis::kInsufficient;
  std::string reason;  // why insufficient, and what to do; else empty
};
ScopeGate CheckScope(const CalibratedModel& model, std::span<const MatchObservation> observations,
                     const SetShares& shares, int64_t scope_events,
                     const EstimateLimits& limits = {});

struct GatedEstimate {
  ScopeGate gate;
  // Set unless insufficient.
  std::optional<CalibratedModel> model;
  std::optional<RollupEstimate> rollup;
};

// Fits, asks the gate and estimates. INVALID_ARGUMENT as CalibratedModel::Fit.
absl::StatusOr<GatedEstimate> EstimateMatchRate(const Assumptions& assumptions,
                                                std::span<const MatchObservation> observations,
                                                const SetShares& shares, int64_t scope_events,
                                                const FitOptions& fit = {});

}  // namespace snapledger::matchrate
