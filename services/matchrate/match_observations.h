#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "services/base/clock.h"
#include "services/destinations/destination_directory.h"
#include "services/query/page_token.h"
#include "snapledger/v1/admin_service.pb.h"
#include "storage/observation_store.h"

namespace snapledger::matchrate {

// Keeps what somebody outside saw of matches, and lists it. Every call blocks on the database.
// Errors carry details (base/error_details.h). Thread-safe.
class MatchObservations {
 public:
  // The arguments must outlive this.
  MatchObservations(destinations::DestinationDirectory& directory,
                    storage::ObservationStore& observations, const query::PageTokens& page_tokens,
                    const base::Clock& clock)
      : directory_(directory),
        observations_(observations),
        page_tokens_(page_tokens),
        clock_(clock) {}

  // NOT_FOUND: no such destination; INVALID_ARGUMENT: see CheckObservation; ALREADY_EXISTS
  // (OBSERVATION_EXISTS): the same evidence is there for this window and scope.
  absl::Status Record(const v1::RecordMatchObservationRequest& request, std::string_view actor,
                      v1::RecordMatchObservationResponse* response);

  // One page, newest first. NOT_FOUND: no such destination; INVALID_ARGUMENT.
  absl::Status List(const v1::ListMatchObservationsRequest& request,
                    v1::ListMatchObservationsResponse* response);

 private:
  destinations::DestinationDirectory& directory_;
  storage::ObservationStore& observations_;
  const query::PageTokens& page_tokens_;
  const base::Clock& clock_;
};

}  // namespace snapledger::matchrate
