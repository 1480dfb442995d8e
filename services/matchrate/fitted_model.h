#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/destinations/destination_directory.h"
#include "services/matchrate/calibrated_model.h"
#include "services/matchrate/coverage_reader.h"
#include "services/matchrate/match_observation.h"
#include "services/matchrate/measured_value.h"
#include "services/matchrate/observation_choice.h"
#include "services/matchrate/rollup_estimate.h"
#include "snapledger/v1/match_rate.pb.h"
#include "storage/observation_store.h"

namespace snapledger::matchrate {

// The model of one destination as its observations are now.

// Reports older than this make an estimate STALE, and coverage older than this is no part of what
// the model card judges.
inline constexpr absl::Duration kModelAgeMax = absl::Hours(90 * 24);

struct LeftOutObservation {
  storage::MatchObservationRow observation;
  std::string reason;
};

struct FittedModel {
  CalibratedModel model;
  // What it learned from, in the order it was recorded: observations()[i] says what learned[i] is.
  Observations learned;
  std::vector<MatchObservation> observations;
  std::vector<LeftOutObservation> left_out;
  // Names the assumptions and everything that was learned.
  std::string version;
  // The end of the newest window that was learned from.
  absl::Time through = absl::InfinitePast();

  // The gate's answer for a scope.
  ScopeGate Gate(const SetShares& shares, int64_t events) const;
  // What an estimate by this basis is, as of `now`.
  v1::MeasureStatus StatusOf(EstimateBasis basis, absl::Time now) const;
  // What the figures of a scope have in common that the gate lets pass by this basis.
  EstimateFrame FrameFor(EstimateBasis basis, const ValueFrame& values, int64_t events) const;
};

// Fits on demand. Thread-safe; blocks on the database, and for the fit.
class ModelFitter {
 public:
  // The arguments must outlive this.
  ModelFitter(storage::ObservationStore& observations, CoverageReader& coverage)
      : observations_(observations), coverage_(coverage) {}

  // Learns from the newest hundred observations that do not share events. A total is learned with
  // the mix of identifier sets the ledger delivered in its window.
  absl::StatusOr<FittedModel> Fit(const destinations::ActiveDestination& destination);

 private:
  absl::StatusOr<SetShares> MixOf(const destinations::ActiveDestination& destination,
                                  const storage::MatchObservationRow& observation);

  storage::ObservationStore& observations_;
  CoverageReader& coverage_;
};

}  // namespace snapledger::matchrate
