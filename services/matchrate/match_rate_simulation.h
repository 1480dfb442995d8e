#pragma once

#include "absl/status/status.h"
#include "services/base/clock.h"
#include "services/destinations/destination_directory.h"
#include "services/matchrate/coverage_reader.h"
#include "services/matchrate/fitted_model.h"
#include "snapledger/v1/conversion_service.pb.h"

namespace snapledger::matchrate {

// Answers SimulateMatchRate. Blocks on the database. Errors carry details (base/error_details.h).
// Thread-safe.
class MatchRateSimulation {
 public:
  // The arguments must outlive this.
  MatchRateSimulation(destinations::DestinationDirectory& directory, CoverageReader& coverage,
                      ModelFitter& fitter, const base::Clock& clock)
      : directory_(directory), coverage_(coverage), fitter_(fitter), clock_(clock) {}

  // NOT_FOUND: no such destination; INVALID_ARGUMENT: a change that is none, or of an identifier
  // the model knows nothing of. Where too little is known for a number there is no recommendation
  // either.
  absl::Status Simulate(const v1::SimulateMatchRateRequest& request,
                        v1::SimulateMatchRateResponse* response);

 private:
  destinations::DestinationDirectory& directory_;
  CoverageReader& coverage_;
  ModelFitter& fitter_;
  const base::Clock& clock_;
};

}  // namespace snapledger::matchrate
