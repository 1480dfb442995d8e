#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "storage/types.h"

namespace snapledger::checker {

// Times are microseconds of the epoch.
using Micros = int64_t;
inline constexpr Micros kNever = INT64_MAX;
inline constexpr uint32_t kNoIndex = UINT32_MAX;

using Sha256Bytes = std::array<uint8_t, 32>;

struct DestinationFacts {
  int32_t number = 0;
  std::string id;
  double max_requests_per_second = 0;
  int32_t lane_count = 1;
  bool gzip_requests = false;
  bool paused = false;
  Micros dedup_window = 0, purchase_dedup_window = 0;
  Micros max_age = 0;                         // the longest of its action sources'
  std::map<std::string, Sha256Bytes> tokens;  // by token id; digests, as the journal has them
};

// One event id of a destination, from whichever source tells of it.
struct EventFacts {
  std::string id;  // empty: only the database tells of it
  storage::Uuid key{};
  Micros event_time = 0;
  int64_t lot_id = 0;
  uint64_t frozen_bytes = 0;  // beginning of the digest of its JSON in the lot; 0: not read
  int32_t shard = 0;
  int16_t destination = 0;  // index into Evidence::destinations
  int16_t position = 0;
  bool offered = false;       // some call of the load had it
  bool acknowledged = false;  // some answer said that it is stored
  bool stored = false;
  bool purchase_with_order_id = false;
};

struct SliceFacts {
  storage::Uuid last_attempt{};
  int64_t lot_id = 0;
  int64_t fence = 0;
  Micros next_attempt_time = 0;
  int32_t shard = 0;
  int32_t event_count = 0;
  int32_t attempt_count = 0;
  int16_t first_position = 0, last_position = 0;
  int16_t definite_failures = 0;
  storage::DeliveryState state{};
  storage::Queue queue{};
  bool doubted = false;
};

struct AttemptFacts {
  storage::Uuid id{};
  Sha256Bytes body{};
  Micros sent_time = 0;
  Micros recorded_time = kNever;
  uint32_t first_slice = 0, slice_count = 0;  // in Evidence::sent_slices
  int32_t shard = 0;
  int32_t event_count = 0;
  int32_t left_count = 0;
  storage::AttemptOutcome outcome{};
  std::optional<storage::AttemptOutcome> late_outcome;
  storage::DeliveryState from_state{}, to_state{};
  bool owner_vanished = false;
  std::string token_id;
};

// A slice as one attempt carried it.
struct SentSlice {
  storage::Uuid previous_attempt{};  // zero: none
  int64_t lot_id = 0;
  int64_t fence = 0;
  int16_t first_position = 0, last_position = 0;
};

struct TransitionFacts {
  Micros time = 0;
  int64_t lot_id = 0;
  int32_t shard = 0;
  int16_t first_position = 0, last_position = 0;
  storage::DeliveryState from_state{}, to_state{};
  bool by_operator = false;
};

// A request to /events or /events/validate as the emulator's journal tells.
struct RequestFacts {
  Micros time = 0;
  double retry_after = -1;  // seconds
  int64_t number = 0;
  Sha256Bytes body{}, token{};
  int32_t event_count = 0;
  int32_t status = 0;
  int16_t destination = -1;  // index; -1: an asset that is no destination
  int16_t journal = 0;       // index of the file
  bool has_body = false, has_token = false;
  bool validation = false;
  bool complete = false, valid = false;

  bool delivered() const { return complete && valid && status >= 200 && status < 300; }
};

// One event of a request to /events.
struct Arrival {
  uint64_t bytes = 0;  // beginning of the digest of its JSON
  uint32_t event = 0;
  uint32_t request = 0;
  bool accepted = false;
  bool counted = false;
  bool may_join = false;  // Snap may count it together with another event, by order id
};

// Everything that is left of a run.
class Evidence {
 public:
  std::vector<DestinationFacts> destinations;
  std::vector<EventFacts> events;
  std::vector<SliceFacts> slices;      // by shard, lot, position
  std::vector<AttemptFacts> attempts;  // by the time of sending
  std::vector<SentSlice> sent_slices;
  std::vector<TransitionFacts> transitions;  // by shard, lot, time
  std::vector<RequestFacts> requests;        // as the journals have them
  std::vector<Arrival> arrivals;             // by event, then by time
  std::vector<std::string> journals;
  std::vector<std::string> texts;  // what the database keeps of errors and reasons
  absl::flat_hash_map<int32_t, int16_t> destination_of_shard;
  Micros database_now = 0;

  // -1 where there is none.
  int16_t DestinationById(std::string_view id) const;
  // The event, which is added where it is not known yet.
  uint32_t EventOf(int16_t destination, const storage::Uuid& key);
  uint32_t EventOf(int16_t destination, std::string_view event_id);

 private:
  absl::flat_hash_map<std::pair<int16_t, storage::Uuid>, uint32_t> event_index_;
};

// How messages name what they found: what an operator can look up.
std::string Describe(const Evidence& evidence, const EventFacts& event);
std::string Describe(const Evidence& evidence, const RequestFacts& request);
std::string Describe(const AttemptFacts& attempt);
std::string Describe(const SliceFacts& slice);
std::string StateName(storage::DeliveryState state);

// The first eight bytes of a digest, never 0.
uint64_t Beginning(const Sha256Bytes& digest);
// False where the text is not 64 hex digits.
bool ParseSha256(std::string_view hex, Sha256Bytes* digest);

}  // namespace snapledger::checker
