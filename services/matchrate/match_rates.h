#pragma once

#include "absl/status/status.h"
#include "services/base/clock.h"
#include "services/destinations/destination_directory.h"
#include "services/matchrate/coverage_reader.h"
#include "services/matchrate/fitted_model.h"
#include "services/matchrate/value_concentrations.h"
#include "snapledger/v1/conversion_service.pb.h"
#include "storage/observation_store.h"
#include "storage/quality_store.h"

namespace snapledger::matchrate {

// Answers GetMatchRates: coverage, how concentrated values are, what was observed and what is
// estimated, each by itself. Blocks on the database. Errors carry details (base/error_details.h).
// Thread-safe.
class MatchRates {
 public:
  // What came from outside.
  struct Evidence {
    storage::ObservationStore& observations;
    storage::QualityStore& quality;
  };

  // The arguments and what they name must outlive this.
  MatchRates(destinations::DestinationDirectory& directory, CoverageReader& coverage,
             ValueConcentrations& concentrations, const Evidence& evidence, ModelFitter& fitter,
             const base::Clock& clock)
      : directory_(directory),
        coverage_(coverage),
        concentrations_(concentrations),
        evidence_(evidence),
        fitter_(fitter),
        clock_(clock) {}

  // NOT_FOUND: no such destination; INVALID_ARGUMENT.
  absl::Status Get(const v1::GetMatchRatesRequest& request, v1::GetMatchRatesResponse* response);

 private:
  destinations::DestinationDirectory& directory_;
  CoverageReader& coverage_;
  ValueConcentrations& concentrations_;
  const Evidence evidence_;
  ModelFitter& fitter_;
  const base::Clock& clock_;
};

}  // namespace snapledger::matchrate
