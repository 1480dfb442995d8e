#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/types.h"

namespace snapledger::storage {

// What somebody outside saw of matches: `matched` of `total` events.
struct MatchObservationRow {
  Uuid observation_id{};  // made by the caller
  absl::Time window_start, window_end;
  std::string event_name, source;  // empty: all
  uint16_t kinds = 0;              // exactly this set of identifiers; 0: all events
  int64_t matched = 0;
  int64_t total = 0;
  std::string evidence;
  std::string evidence_sha256;  // 32 bytes; empty where no file was named
  std::string evidence_key;     // 32 bytes: what says that two are the same evidence
  std::string recorded_by;
  absl::Time record_time;  // given by the database
};

// A place in the listing of a destination's observations, newest first.
struct ObservationPlace {
  absl::Time record_time;
  Uuid observation_id{};

  // Older.
  friend bool operator<(const ObservationPlace& a, const ObservationPlace& b) {
    return std::tie(a.record_time, a.observation_id) < std::tie(b.record_time, b.observation_id);
  }
};

// Keeps observations of matches. Thread-safe.
class ObservationStore {
 public:
  virtual ~ObservationStore() = default;

  struct Kept {
    Uuid observation_id{};
    absl::Time record_time;
    // The same evidence was there for this window and scope; nothing was written, and the rest is
    // about that one.
    bool existed = false;
  };
  // With an entry of the audit log, in one transaction; none where nothing was written.
  // `destination_id` is for that.
  virtual absl::StatusOr<Kept> Insert(int32_t destination_number, std::string_view destination_id,
                                      const MatchObservationRow& observation) = 0;
  // Newest first; with `before`, those after that place in the listing.
  virtual absl::StatusOr<std::vector<MatchObservationRow>> List(
      int32_t destination_number, const std::optional<ObservationPlace>& before, int limit) = 0;
};

}  // namespace snapledger::storage
