#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/delivery_store.h"
#include "storage/types.h"

namespace snapledger::storage {

// A slice as it stands.
struct SliceRow {
  int32_t shard = 0;
  SliceKey key;
  int16_t last_position = 0;
  int32_t event_count = 0;
  int64_t fence = 0;
  DeliveryState state = DeliveryState::kPending;
  Queue queue = Queue::kNone;
  std::string state_reason;
  int attempt_count = 0;
  absl::Time received_time;
  std::optional<absl::Time> next_attempt_time;  // where it waits in a queue
  std::optional<absl::Time> first_sent_time, final_time;
  bool possibly_delivered = false;
  std::string rollup;  // packed
};

// A place in a listing of events, newest first: by receipt, then lot, then position. Lot ids are
// unique across shards, so that the listings of several shards merge into one.
struct ListingPlace {
  absl::Time received_time;
  int64_t lot_id = 0;
  int16_t position = 0;
};

struct SliceFilter {
  std::vector<DeliveryState> states;         // empty: all
  std::optional<absl::Time> received_start;  // inclusive
  std::optional<absl::Time> received_end;    // exclusive
  std::vector<int32_t> name_labels;          // empty: all; a slice passes if it has one of them
  std::vector<int32_t> source_labels;        // the same
};

struct SlicePage {
  std::vector<SliceRow> slices;  // newest first
  // Where the search stopped before it had `limit` slices, having looked at as many rows as one
  // call may; go on from there. Not set: where fewer than `limit` came, there are no more.
  std::optional<ListingPlace> stopped_at;
};

struct LotPayload {
  int64_t lot_id = 0;
  std::string payload;  // sealed
};

// A request to Snap, without what concerns single events.
struct ListedAttempt {
  AttemptRow attempt;  // number 0
};

// Reads lists. Thread-safe. Each call is one snapshot and looks at a bounded number of rows.
class ListingStore {
 public:
  virtual ~ListingStore() = default;

  // Slices that pass, newest first. With `before`, those that hold events after that place in the
  // listing (the slice that contains the place itself included: an event of it may follow).
  virtual absl::StatusOr<SlicePage> ListSlices(int32_t shard, const SliceFilter& filter,
                                               const std::optional<ListingPlace>& before,
                                               int limit) = 0;
  // The lots that hold one of the keyed hashes, newest first, from `before` on.
  virtual absl::StatusOr<std::vector<SliceRow>> FindSlicesByLookupKey(
      int32_t shard, int64_t lookup_key, const SliceFilter& filter,
      const std::optional<ListingPlace>& before, int limit) = 0;
  // Of those lots that are there, in no order.
  virtual absl::StatusOr<std::vector<LotPayload>> Payloads(int32_t shard,
                                                           absl::Span<const int64_t> lot_ids) = 0;
  // Requests by the time they were sent, newest first; with `before`, those sent before it or at
  // the same moment with a smaller id.
  struct AttemptPlace {
    absl::Time sent_time;
    Uuid attempt_id{};
  };
  virtual absl::StatusOr<std::vector<ListedAttempt>> ListAttempts(
      int32_t shard, const std::optional<absl::Time>& sent_start,
      const std::optional<absl::Time>& sent_end, const std::optional<AttemptPlace>& before,
      int limit) = 0;
};

}  // namespace snapledger::storage
