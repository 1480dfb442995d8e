#pragma once

#include "absl/status/status.h"
#include "services/base/clock.h"
#include "services/destinations/destination_directory.h"
#include "services/matchrate/coverage_reader.h"
#include "services/matchrate/fitted_model.h"
#include "snapledger/v1/admin_service.pb.h"

namespace snapledger::matchrate {

// Answers GetMatchModel: the model of a destination with its card and back-test. Blocks on the
// database and for some fits. Errors carry details (base/error_details.h). Thread-safe.
class MatchModel {
 public:
  // The arguments must outlive this.
  MatchModel(destinations::DestinationDirectory& directory, CoverageReader& coverage,
             ModelFitter& fitter, const base::Clock& clock)
      : directory_(directory), coverage_(coverage), fitter_(fitter), clock_(clock) {}

  // NOT_FOUND: no such destination; INVALID_ARGUMENT.
  absl::Status Get(const v1::GetMatchModelRequest& request, v1::GetMatchModelResponse* response);

 private:
  destinations::DestinationDirectory& directory_;
  CoverageReader& coverage_;
  ModelFitter& fitter_;
  const base::Clock& clock_;
};

}  // namespace snapledger::matchrate
