#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/pace.h"
#include "storage/server_life.h"
#include "storage/types.h"

namespace snapledger::storage {

inline constexpr int kLotEventsMax = 2000;
// For so long an event id is known again: the longest age and dedup window a destination may have,
// and a day.
inline constexpr absl::Duration kIdentityWindow = absl::Hours(98 * 24);

// ---- Append ------------------------------------------------------------------------------------

// One event as identity knows it.
struct NewIdentity {
  Uuid event_key{};
  int64_t content_digest = 0;
  absl::Time event_time;
  int32_t name_label = 0;
  int32_t source_label = 0;
  uint16_t usable = 0;
};

// What a lot holds once it is known which of its events are new.
struct LotContents {
  std::string payload;  // sealed; opaque here
  // Offsets in `payload`: where its first piece begins and where each ends. Empty: one piece.
  std::vector<int32_t> piece_bounds;
  std::string rollup;                // packed
  std::vector<int64_t> lookup_keys;  // sorted
  int event_count = 0;
  int json_bytes = 0;  // of its events' JSON together
  absl::Time oldest_event_time;
};

// Makes a lot's contents. Called on the appending thread, more than once where an append is redone.
class LotComposer {
 public:
  virtual ~LotComposer() = default;
  // Said before each Compose: in which life of the server the lot will be committed. Keys of
  // another one may be gone with it.
  virtual void EnterLife(const ServerLife& /*life*/) {}
  // `is_new[i]` tells of event i; at least one is. A position that is not new gets an empty frame.
  virtual absl::StatusOr<LotContents> Compose(int32_t shard, int64_t lot_id,
                                              const std::vector<bool>& is_new) = 0;
};

// A shard where some events of a lot would have been put before the lanes of their destination
// changed: their keys are asked for there too.
struct FormerShard {
  int32_t shard = 0;
  std::vector<int> positions;  // ascending
};

// The events of one destination that one group commit appends together; all keys differ.
struct NewLot {
  int32_t shard = 0;
  int64_t lane_epoch = 0;  // as of which the shards were chosen
  std::vector<FormerShard> former_shards;
  bool suppressed = false;          // stored, never sent
  std::vector<NewIdentity> events;  // 1..kLotEventsMax; the index is the position
  LotComposer* composer = nullptr;
};

// An event of a NewLot that the ledger already held.
struct HeldEvent {
  int position = 0;
  int64_t content_digest = 0;  // of what is held
};

struct AppendedLot {
  std::vector<HeldEvent> held;  // by position; the others are new and durable now
};

// ---- Claim -------------------------------------------------------------------------------------

struct ClaimedSlice {
  SliceKey key;
  int16_t last_position = 0;
  int32_t event_count = 0;
  int64_t fence = 0;
  bool doubted = false;  // has been in doubt: sticky
  int16_t vanished_owners = 0;
  int16_t definite_failures = 0;  // each of its events was refused so often, by itself
  IsolationStage isolation_stage = IsolationStage::kUnknown;
  std::optional<absl::Time> first_sent_time;  // before this claim
  absl::Time oldest_event_time;
  std::string payload;  // sealed
};

// What is known of several slices together: what is of each of them.
inline IsolationStage LeastStage(const std::vector<ClaimedSlice>& slices) {
  IsolationStage least = IsolationStage::kNamed;
  for (const ClaimedSlice& slice : slices) least = std::min(least, slice.isolation_stage);
  return least;
}

// A part of a claimed slice and what shall become of it.
struct SlicePart {
  int16_t first_position = 0;
  int16_t last_position = 0;
  int32_t event_count = 0;  // events that are there (duplicates' empty frames are not)
  int32_t json_bytes = 0;
  std::string rollup;  // packed
  absl::Time oldest_event_time;
};

// A decision made on a claimed slice before anything is sent.
struct ClaimDisposal {
  enum class Kind {
    kSend,      // part of the batch
    kFinal,     // reaches `final_state` without a send, e.g. EXPIRED
    kSetAside,  // its payload cannot be read: keeps its state, leaves the queues, is reported
    kLeave,     // stays as it is, for the next claim
    kIsolate,   // back to its queue state as an isolation group of its own, not sent now
    kPark,      // of an isolation group: waits until what of it is sent now has an outcome
  };
  Kind kind = Kind::kSend;
  size_t slice = 0;  // index into the claimed slices
  SlicePart part;    // parts of a slice are given in order and cover it
  DeliveryState final_state = DeliveryState::kExpired;
  std::string reason;
};

struct ComposedBatch {
  std::vector<ClaimDisposal> disposals;
  std::array<uint8_t, 32> body_sha256{};  // of the exact body; only read where something is sent
  int event_count = 0;                    // of the parts to send
};

// Opens what was claimed, frames the body and says what must not be sent. Called inside the claim's
// transaction: it computes, it does not wait.
class BatchComposer {
 public:
  virtual ~BatchComposer() = default;
  virtual absl::StatusOr<ComposedBatch> Compose(const std::vector<ClaimedSlice>& slices,
                                                absl::Time database_now) = 0;
};

struct ClaimRequest {
  int32_t shard = 0;
  int events_max = kLotEventsMax;
  int json_bytes_max = 4 << 20;  // a single slice above it is still claimed
  absl::Duration lease;
  // Between two sends of the destination at its full rate, in all processes; its lanes share them
  // evenly.
  absl::Duration send_interval;
  // When what is parked becomes due should nobody release it; longer than the lease.
  absl::Duration park_time = absl::Minutes(2);
  Uuid attempt_id{};
  Uuid batch_id{};
  std::string token_id;
};

// The pace of the destination as a claim found it.
struct PaceAtClaim {
  bool calm = true;                              // full rate, breaker closed, nothing failed lately
  BreakerState breaker = BreakerState::kClosed;  // not closed: what was claimed is its trial
  int32_t openings = 0;
};

// What was claimed; the intent to send it is durable.
struct ClaimedBatch {
  std::vector<ClaimedSlice> slices;  // what is to be sent, as cut, without payload
  int event_count = 0;
  std::optional<Uuid> isolation_group;
  IsolationStage isolation_stage = IsolationStage::kUnknown;
  PaceAtClaim pace;
};

struct ClaimResult {
  enum class Kind {
    kBatch,     // send it
    kNothing,   // nothing was due
    kSettled,   // what was due needed no send (expired, set aside, isolated): claim again
    kGateShut,  // paused, or the rate, a Retry-After or the breaker forbids a send now
  };
  Kind kind = Kind::kNothing;
  ClaimedBatch batch;
  absl::Duration gate_opens_in = absl::ZeroDuration();  // InfiniteDuration: paused
};

// ---- Record ------------------------------------------------------------------------------------

// How events leave an attempt by a verdict of their own, apart from the attempt's to_state.
struct Departure {
  DeliveryState to_state = DeliveryState::kRejected;
  std::string reason;  // ours
  VerdictSource verdict_source = VerdictSource::kValidate;
  std::string snap_reason;
};

// Where the events of one slice of a batch go after an attempt.
struct SliceOutcome {
  SliceKey key;
  int64_t fence = 0;
  // Empty: whole, in the group and stage it was in. Else the slice whole, or cut in order.
  struct Part {
    SlicePart part;  // rollup and times are only read where the slice is cut
    std::optional<Uuid> isolation_group;
    IsolationStage isolation_stage = IsolationStage::kUnknown;
    bool parked = false;
    std::optional<Departure> departure;
  };
  std::vector<Part> parts;
};

// What an outcome means for the parked slices of its isolation group: those that are not due yet
// and are past kUnknown.
struct ParkedChange {
  enum class Due {
    kNone,          // all stay parked
    kHighestStage,  // those of the highest stage there is become due
    kSameStage,     // those of the batch's own stage become due together with it
  };
  Uuid isolation_group{};
  IsolationStage batch_stage = IsolationStage::kUnknown;
  // Nothing is known of them any more: they go on as kValidated. Before `due` is looked at.
  bool forget = false;
  Due due = Due::kNone;
};

struct RecordRequest {
  int32_t shard = 0;
  Uuid attempt_id{};
  AttemptOutcome outcome = AttemptOutcome::kUnknown;
  VerdictSource verdict_source = VerdictSource::kLive;
  int http_status = 0;
  std::string snap_status, snap_reason, error;
  // Of all its slices: a batch is all fresh or all doubtful. Never PENDING, REJECTED, EXPIRED or
  // EXHAUSTED where it is doubtful; the database refuses that.
  DeliveryState to_state = DeliveryState::kPending;
  std::string state_reason;
  absl::Duration next_attempt_in;  // where they stay in a queue
  bool definite_failure = false;   // counts against each event; a Departure that is one does so too
  std::vector<SliceOutcome> slices;
  std::optional<ParkedChange> parked;
  absl::Duration park_time;  // as in ClaimRequest
  // Nothing of the shard's destination is sent by any process for so long, whatever became of the
  // lease. Durable before the outcome is: it may stand where recording failed.
  std::optional<absl::Duration> shut_gate_for;
  // What the attempt tells of the destination's pace; counts only where the lease was held.
  std::optional<PaceSign> pace_sign;
};

struct RecordResult {
  // False: the lease was lost, the outcome is kept as a late one. A late definitive success still
  // turned what was in doubt into DELIVERED, and ends the next doubt about what is in flight again.
  bool fence_held = true;
  std::optional<BreakerState> breaker_change;  // what the breaker changed to by this
};

// ---- The ledger --------------------------------------------------------------------------------

// Whether an append failed because lanes changed or a destination was deleted.
bool IsLanesChanged(const absl::Status& status);
absl::Status LanesChangedError();

// The events, and what was done to deliver them. Thread-safe; each call is one transaction on a
// connection of a bounded pool. UNAVAILABLE: the database cannot be reached, or the outcome of a
// commit is not known; repeating is safe.
class Ledger {
 public:
  virtual ~Ledger() = default;

  // Appends lots in one transaction; durable when it returns. Answers in the order of `lots`.
  // IsLanesChanged: where events belong is decided otherwise since a lot's `lane_epoch`; nothing
  // was appended, read the destinations again and plan anew.
  virtual absl::StatusOr<std::vector<AppendedLot>> Append(absl::Span<const NewLot> lots) = 0;

  // The shards that have something due, of those given.
  virtual absl::StatusOr<std::vector<int32_t>> DueShards(absl::Span<const int32_t> shards) = 0;

  // Claims what is due of the queue of one shard that has waited longest, composes the batch and
  // writes the intent to send it, all in one transaction. An unknown commit is looked up before
  // this returns.
  virtual absl::StatusOr<ClaimResult> Claim(const ClaimRequest& request,
                                            BatchComposer& composer) = 0;

  // Takes the shard's next turn for a request that is no attempt, and tells how long it is until
  // then; nullopt where a pause, a Retry-After or the
  // breaker forbids any.
  virtual absl::StatusOr<std::optional<absl::Duration>> TakeTurn(int32_t shard,
                                                                 absl::Duration send_interval) = 0;

  // Writes what came of an attempt, guarded by the fences of its slices.
  virtual absl::StatusOr<RecordResult> Record(const RecordRequest& request) = 0;

  // Attempts of the shard whose lease ended: they are closed as UNKNOWN and their slices become
  // IN_DOUBT, each with one more vanished owner to its name. Those of an isolation group go on as
  // one of their own, and what was parked for them is due. Returns the number of attempts.
  virtual absl::StatusOr<int> ReapLeases(int32_t shard) = 0;
};

// The filters of closed identity partitions in this process's memory.
struct FiltersRead {
  int partitions_with = 0;
  int partitions_without = 0;  // asked in the database for every event
  int left_out = 0;            // of them, those whose filter is there but beyond `bytes_max`
  int damaged = 0;             // thrown away in this call; maintenance makes them anew
  size_t bytes = 0;            // of all that are held
};

// Names the identity partitions. Thread-safe.
class IdentityPartitions {
 public:
  virtual ~IdentityPartitions() = default;

  // Closes the open partition and opens the next, if the open one is older than `age_max` or holds
  // about `rows_max` or more. True if it rolled.
  virtual absl::StatusOr<bool> RollIfDue(absl::Duration age_max, int64_t rows_max) = 0;

  // Makes the filter of the newest closed partition without one, for all processes. False: it made
  // none, because all have one, another process was first, or the partition's rows were moved
  // meanwhile. What this process did not append itself is read from the partition; with pauses,
  // since intake and delivery go before. CANCELLED soon after `stop` is notified.
  virtual absl::StatusOr<bool> MakeFilter(const absl::Notification& stop) = 0;

  // Brings the filters in memory up to those there are, the newest partitions' first and no more
  // than `bytes_max` in all, which should be the same in every call: memory is taken in steps
  // (storage/filter_memory.h).
  virtual absl::StatusOr<FiltersRead> ReadFilters(size_t bytes_max) = 0;
};

}  // namespace snapledger::storage
