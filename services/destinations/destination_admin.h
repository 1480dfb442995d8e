#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/destinations/destination_directory.h"
#include "services/security/envelope.h"
#include "snapledger/v1/admin_service.pb.h"
#include "storage/destination_store.h"

namespace snapledger::destinations {

// Makes and changes destinations for AdminService. Every call blocks on the database; after a
// change the directory of this process is fresh. Errors carry details (base/error_details.h):
// INVALID_ARGUMENT names each wrong field, NOT_FOUND the destination. `actor`: who does it, for the
// audit log. Thread-safe.
class DestinationAdmin {
 public:
  // Told the shards of a destination that was changed here, once the directory is fresh.
  using OnChanged = std::function<void(const std::vector<int32_t>&)>;

  // The arguments must outlive this.
  DestinationAdmin(storage::DestinationStore& store, security::Envelope& envelope,
                   DestinationDirectory& directory, OnChanged on_changed)
      : store_(store),
        envelope_(envelope),
        directory_(directory),
        on_changed_(std::move(on_changed)) {}

  // ALREADY_EXISTS where there is one by that id; FAILED_PRECONDITION where a deleted one was of
  // another kind.
  absl::Status Create(const v1::CreateDestinationRequest& request, std::string_view actor,
                      v1::Destination* destination);
  absl::Status Get(std::string_view destination_id, v1::Destination* destination);
  // Replaces display name and settings; a lane count of 0 stays as it is.
  absl::Status Update(const v1::UpdateDestinationRequest& request, std::string_view actor,
                      v1::Destination* destination);
  absl::Status Pause(const v1::PauseDestinationRequest& request, std::string_view actor,
                     v1::Destination* destination);
  absl::Status Resume(std::string_view destination_id, std::string_view actor,
                      v1::Destination* destination);

  // FAILED_PRECONDITION, with how many, while events of it are not final.
  absl::Status Delete(std::string_view destination_id, std::string_view actor);
  // A token that lives already is not added again, so that a repeated call drops none that works:
  // it keeps its place, and what else the call asks for is done.
  absl::Status RotateToken(const v1::RotateDestinationTokenRequest& request, std::string_view actor,
                           v1::Destination* destination);

  // Up to `limit` destinations after `after_id`, ordered by id. `more` tells that others follow.
  absl::Status List(std::string_view after_id, int limit, v1::ListDestinationsResponse* response,
                    bool* more);

 private:
  // A token with a new id, sealed for its place.
  struct SealedToken {
    std::string token_id, sealed;
  };
  absl::StatusOr<SealedToken> Seal(std::string_view destination_id,
                                   const std::string& access_token);
  // The live token of the destination with this secret, as it is stored; else a new one. NOT_FOUND.
  absl::StatusOr<SealedToken> LiveOrSealed(const std::string& destination_id,
                                           const std::string& access_token);
  absl::StatusOr<storage::Destination> AddToken(const v1::RotateDestinationTokenRequest& request,
                                                std::string_view actor);
  void RefreshDirectory();
  // Shows what a change made, here and in the directory.
  absl::Status Changed(const absl::StatusOr<storage::Destination>& stored,
                       std::string_view destination_id, v1::Destination* destination);

  storage::DestinationStore& store_;
  security::Envelope& envelope_;
  DestinationDirectory& directory_;
  const OnChanged on_changed_;
  // A call that is repeated while the first is under way must find the token that one adds.
  absl::Mutex token_mutex_;
};

}  // namespace snapledger::destinations
