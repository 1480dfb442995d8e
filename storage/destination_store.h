#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace snapledger::storage {

// Effective values: a setting the caller left out holds its default here.
struct DestinationSettings {
  double max_requests_per_second = 10;
  int32_t max_events_per_request = 2000;
  int32_t max_in_flight_requests = 4;
  std::string default_phone_region;
  absl::Duration max_age_web = absl::Hours(7 * 24);
  absl::Duration max_age_mobile_app = absl::Hours(7 * 24);
  absl::Duration max_age_offline = absl::Hours(7 * 24);
  absl::Duration dedup_window = absl::Hours(48);
  absl::Duration purchase_dedup_window = absl::Hours(30 * 24);
  std::string limited_data_literal = "LMU";
  int16_t unspecified_consent = 1;  // number of snapledger.v1.Consent
  bool test_mode = false;
  std::string test_event_code;
  absl::Duration request_timeout = absl::Seconds(10);
  bool gzip_requests = false;
  int32_t lane_count = 1;
};

struct DestinationToken {
  std::string token_id;
  std::string sealed;  // opaque here
  absl::Time create_time;
  std::optional<absl::Time> last_success_time;
  std::optional<absl::Time> last_failure_time;
};

// kOperator: somebody said so. kHeld: Snap refused the token or the setting; a probe resumes it.
enum class PauseKind : int16_t { kNone = 0, kOperator = 1, kHeld = 2 };

// A lane count a destination had before.
struct FormerLaneCount {
  int32_t lane_count = 0;
  bool identity_holds = false;  // ids recorded then must still be known again
};

struct Destination {
  int32_t number = 0;          // ours, never reused
  std::string destination_id;  // Snap's
  int16_t kind = 0;            // number of snapledger.v1.DestinationKind
  std::string display_name;
  DestinationSettings settings;
  PauseKind pause_kind = PauseKind::kNone;
  std::string paused_reason;
  std::vector<DestinationToken> tokens;  // newest first
  std::vector<int32_t> shards;  // by lane; those of lanes there were before too, at the end
  std::vector<FormerLaneCount> former_lane_counts;  // latest first
  int64_t lane_epoch = 0;                           // as of which lanes and deletion were read
  absl::Time create_time;
  absl::Time update_time;
};

// The Snap assets events go to. Every change leaves an entry of `actor` in the audit log, in the
// same transaction; what changes nothing leaves none. Thread-safe.
class DestinationStore {
 public:
  virtual ~DestinationStore() = default;

  struct NewDestination {
    std::string destination_id;
    int16_t kind = 0;
    std::string display_name;
    DestinationSettings settings;
    std::string token_id;
    std::string sealed_token;
  };
  // Makes the destination, its first token and a shard per lane. ALREADY_EXISTS. One that was
  // deleted is taken up again, with its events; INVALID_ARGUMENT where that was of another kind.
  virtual absl::StatusOr<Destination> Create(const NewDestination& destination,
                                             std::string_view actor) = 0;
  virtual absl::StatusOr<Destination> Get(std::string_view destination_id) = 0;  // NOT_FOUND
  // Ordered by destination_id, those after `after_id`, `limit` at most.
  virtual absl::StatusOr<std::vector<Destination>> List(std::string_view after_id, int limit) = 0;
  // Replaces display name and settings whole; a lane_count of 0 leaves that as it is. Another one
  // makes appends fail that were planned before (IsLanesChanged in ledger.h). NOT_FOUND.
  virtual absl::StatusOr<Destination> Update(std::string_view destination_id,
                                             std::string_view display_name,
                                             const DestinationSettings& settings,
                                             std::string_view actor) = 0;
  // Events of a destination by state, as far as they are not final.
  struct OpenEvents {
    int64_t pending = 0;
    int64_t in_flight = 0;
    int64_t in_doubt = 0;
    bool none() const { return pending == 0 && in_flight == 0 && in_doubt == 0; }
  };
  // Deletes the destination and its tokens where none of its events is open, else changes nothing
  // and tells which are. From then on it is NOT_FOUND, and appends planned before fail
  // (IsLanesChanged in ledger.h). NOT_FOUND.
  virtual absl::StatusOr<OpenEvents> Delete(std::string_view destination_id,
                                            std::string_view actor) = 0;
  // Adds a token, the newest from now on; one whose id lives is not added and keeps its place. Two
  // live at most, or with `drop_others` this one alone: the oldest are dropped. Ends a kHeld pause.
  // NOT_FOUND.
  virtual absl::StatusOr<Destination> RotateToken(std::string_view destination_id,
                                                  std::string_view token_id,
                                                  std::string_view sealed, bool drop_others,
                                                  std::string_view actor) = 0;
  // Stops claims of the destination in every process from the commit on. A kHeld pause never
  // replaces a kOperator one. An empty reason keeps that of a pause there is.
  virtual absl::StatusOr<Destination> Pause(std::string_view destination_id, PauseKind kind,
                                            std::string_view reason, std::string_view actor) = 0;
  // Ends a pause of that kind; kNone: of whichever kind. A Retry-After stays in force.
  virtual absl::StatusOr<Destination> Resume(std::string_view destination_id, PauseKind only,
                                             std::string_view actor) = 0;
  // Notes that a token worked or failed now.
  virtual absl::Status RecordTokenUse(int32_t destination_number, std::string_view token_id,
                                      bool success) = 0;
};

}  // namespace snapledger::storage
