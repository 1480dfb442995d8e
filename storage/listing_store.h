#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
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
  int32_t json_bytes = 0;  // of its events together
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

// An event and the slice it is in.
struct FoundEvent {
  Uuid event_key{};
  SliceRow slice;
  int16_t position = 0;
};

// A place in a listing of events, newest first: by receipt, then lot, then position. Lot ids are
// unique across shards, so that the listings of several shards merge into one.
struct ListingPlace {
  absl::Time received_time;
  int64_t lot_id = 0;
  int16_t position = 0;

  // Older.
  friend bool operator<(const ListingPlace& a, const ListingPlace& b) {
    return std::tie(a.received_time, a.lot_id, a.position) <
           std::tie(b.received_time, b.lot_id, b.position);
  }
  friend bool operator==(const ListingPlace& a, const ListingPlace& b) {
    return !(a < b) && !(b < a);
  }
};

// Which slices a listing gives; those that pass every condition that is set.
struct SliceFilter {
  std::vector<DeliveryState> states;         // empty: all
  std::optional<absl::Time> received_start;  // inclusive
  std::optional<absl::Time> received_end;    // exclusive
  // A slice passes if some event of it has one of the names and one of the sources; empty: any.
  std::vector<int32_t> name_labels, source_labels;
  // Only slices of lots that hold an event with this keyed hash (security::BlindIndex). Every call
  // then scans the hashes of the shard.
  std::optional<int64_t> lookup_key;
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

// A place in a listing of attempts, newest first: by the time of sending, then id.
struct AttemptPlace {
  absl::Time sent_time;
  Uuid attempt_id{};

  // Older.
  friend bool operator<(const AttemptPlace& a, const AttemptPlace& b) {
    return std::tie(a.sent_time, a.attempt_id) < std::tie(b.sent_time, b.attempt_id);
  }
};

struct AttemptFilter {
  std::optional<absl::Time> sent_start;  // inclusive
  std::optional<absl::Time> sent_end;    // exclusive
};

// Reads lists. Thread-safe. Each call is one snapshot; all but a search by hash look at a bounded
// number of rows.
class ListingStore {
 public:
  virtual ~ListingStore() = default;

  // Slices that pass, newest first by the place of their first event. With `before`, those that
  // hold events after that place in the listing (the slice that contains the place itself
  // included, where an event of it follows).
  virtual absl::StatusOr<SlicePage> ListSlices(int32_t shard, const SliceFilter& filter,
                                               const std::optional<ListingPlace>& before,
                                               int limit) = 0;
  // Those of the events that are there, in no order. The keys differ.
  virtual absl::StatusOr<std::vector<FoundEvent>> FindEvents(int32_t shard,
                                                             absl::Span<const Uuid> event_keys) = 0;
  // Of those lots that are there, in no order.
  virtual absl::StatusOr<std::vector<LotPayload>> Payloads(int32_t shard,
                                                           absl::Span<const int64_t> lot_ids) = 0;
  // Requests by the time they were sent, newest first, without what concerns single events (number
  // 0); with `before`, those after that place in the listing.
  virtual absl::StatusOr<std::vector<AttemptRow>> ListAttempts(
      int32_t shard, const AttemptFilter& filter, const std::optional<AttemptPlace>& before,
      int limit) = 0;
};

}  // namespace snapledger::storage
