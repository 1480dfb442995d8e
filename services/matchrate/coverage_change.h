#pragma once

#include <cstdint>
#include <map>
#include <span>

#include "absl/status/statusor.h"
#include "services/matchrate/calibrated_model.h"
#include "services/matchrate/linear_estimate.h"
#include "services/matchrate/match_observation.h"

namespace snapledger::matchrate {

// What other coverage would make of the match rate. Pure, thread-safe.

using SetCounts = std::map<event::IdentifierMask, int64_t>;

// Empty where there are no events.
SetShares SharesOf(const SetCounts& counts);

// The share of events whose set has the identifier.
double CoverageOf(const SetShares& shares, event::IdentifierKind kind);

// As if the identifier's coverage were `coverage`: raised, the same part of every set that lacks it
// gets it; lowered, the same part of every set that has it loses it. INVALID_ARGUMENT: `coverage`
// outside 0 to 1.
absl::StatusOr<SetShares> WithCoverage(const SetShares& shares, event::IdentifierKind kind,
                                       double coverage);

struct CoverageChange {
  event::IdentifierKind kind = event::IdentifierKind::kEmail;
  double coverage = 0;
};

struct ChangedRate {
  Estimate before;
  Estimate after;
  Estimate difference;
};

// The changes are made one after the other. INVALID_ARGUMENT as WithCoverage.
absl::StatusOr<ChangedRate> SimulateChanges(const CalibratedModel& model, const SetShares& shares,
                                            std::span<const CoverageChange> changes);

}  // namespace snapledger::matchrate
