#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/pace.h"
#include "storage/rollup.h"
#include "storage/types.h"

namespace snapledger::storage {

struct AttemptRow {
  Uuid attempt_id{};
  Uuid batch_id{};
  int number = 0;  // of this event: 1 is its first
  absl::Time sent_time;
  std::optional<absl::Time> answered_time;
  int http_status = 0;
  std::string snap_status, snap_reason, error;
  AttemptOutcome outcome = AttemptOutcome::kOpen;
  VerdictSource verdict_source = VerdictSource::kUnspecified;
  int batch_size = 0;
  std::string body_sha256;  // 32 bytes
  DeliveryState from_state = DeliveryState::kPending;
  DeliveryState to_state = DeliveryState::kInFlight;  // kInFlight while open
  std::string state_reason;
};

struct TransitionRow {
  DeliveryState from_state = DeliveryState::kPending;
  DeliveryState to_state = DeliveryState::kPending;
  absl::Time time;
  std::string reason, actor;
  VerdictSource verdict_source = VerdictSource::kUnspecified;
  std::string snap_reason;
};

// One event with all that is known of its delivery.
struct EventRow {
  int32_t shard = 0;
  int64_t lot_id = 0;
  int16_t position = 0;
  absl::Time event_time;
  absl::Time received_time;
  int32_t name_label = 0;
  int32_t source_label = 0;
  uint16_t usable = 0;
  DeliveryState state = DeliveryState::kPending;
  std::string state_reason;
  int attempt_count = 0;
  std::optional<absl::Time> next_attempt_time, first_sent_time, final_time;
  bool possibly_delivered = false;
  std::string payload;  // sealed: the piece of its lot that holds the event
  int piece = 0;
  int piece_count = 1;
  // Oldest first. Where the event left an attempt by a verdict of its own, the attempt shows that.
  std::vector<AttemptRow> attempts;
  std::vector<TransitionRow> transitions;  // oldest first; beside those attempts imply
};

// How the events of one shard stand.
struct ShardDelivery {
  absl::flat_hash_map<DeliveryState, int64_t> counts;
  std::optional<absl::Time> oldest_pending_time;
  std::optional<absl::Time> oldest_doubt_first_sent_time;
  int64_t delivered_last_minute = 0;
  int64_t delivered_last_hour = 0;
  // Of the destination, which all its shards share.
  double rate_share = 1;
  BreakerState breaker = BreakerState::kClosed;
  int64_t set_aside = 0;  // not final and in no queue: their payload could not be read
};

enum class CoverageStage : int16_t { kRecorded = 1, kDelivered = 2 };

// What counts are kept apart by; days are those of UTC.
enum class CoverageGrain : int16_t { kHour = 1, kDay = 2 };

struct CoverageQuery {
  CoverageStage stage = CoverageStage::kRecorded;
  CoverageGrain grain = CoverageGrain::kHour;
  std::optional<absl::Time> start_time;  // of receipt, inclusive
  std::optional<absl::Time> end_time;    // exclusive
};

// Counts of what was received in one hour or day, as far as it lies within the asked range.
struct CoveragePeriod {
  absl::Time start;  // of the whole hour or day
  RollupCounts counts;
};

struct FoldResult {
  int64_t rows = 0;     // counter rows of coverage that were written
  bool behind = false;  // there is more to fold now
};

// Reads the books. Thread-safe. Every answer is exact as of its own transaction.
class DeliveryStore {
 public:
  virtual ~DeliveryStore() = default;

  // NOT_FOUND.
  virtual absl::StatusOr<EventRow> FindEvent(int32_t shard, const Uuid& event_key) = 0;
  virtual absl::StatusOr<ShardDelivery> Delivery(int32_t shard) = 0;
  // By time. The work grows with the counter rows of the grain, with the facts that are not folded
  // yet, and with the slices of the parts of hours at the edges of the range.
  virtual absl::StatusOr<std::vector<CoveragePeriod>> Coverage(int32_t shard,
                                                               const CoverageQuery& query) = 0;
  // The same, counted from the events' own slices rather than from the counters.
  virtual absl::StatusOr<std::vector<CoveragePeriod>> RecountCoverage(
      int32_t shard, const CoverageQuery& query) = 0;
  // Folds what is older than the longest transaction into the counter rows, a bounded step of it.
  virtual absl::StatusOr<FoldResult> Compact(int32_t shard) = 0;
};

}  // namespace snapledger::storage
