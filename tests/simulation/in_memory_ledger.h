#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/ledger.h"

namespace snapledger::simulation {

// One row of `lot`.
struct MemorySlice {
  int32_t shard = 0;
  storage::SliceKey key;
  int16_t last_position = 0;
  int32_t event_count = 0;
  int32_t json_bytes = 0;
  int64_t fence = 0;
  absl::Time next_attempt_time, received_time, oldest_event_time;
  std::optional<absl::Time> lease_end_time, first_sent_time, in_doubt_since, final_time;
  int32_t attempt_count = 0;
  storage::DeliveryState state = storage::DeliveryState::kPending;
  storage::Queue queue = storage::Queue::kFresh;
  int16_t definite_failures = 0;
  int16_t vanished_owners = 0;
  std::optional<storage::Uuid> last_attempt_id, isolation_group;
  storage::IsolationStage isolation_stage = storage::IsolationStage::kUnknown;
  bool late_success = false;
  std::string rollup;
  std::string state_reason;
};

inline bool IsFinal(storage::DeliveryState state) { return static_cast<int>(state) >= 4; }

// Where a slice in that state waits.
inline storage::Queue QueueOf(storage::DeliveryState state,
                              const std::optional<storage::Uuid>& group) {
  using storage::DeliveryState;
  using storage::Queue;
  if (state != DeliveryState::kPending && state != DeliveryState::kInDoubt) return Queue::kNone;
  if (group.has_value()) return Queue::kIsolated;
  return state == DeliveryState::kPending ? Queue::kFresh : Queue::kDoubt;
}

// One row of `attempt` with its batch.
struct MemoryAttempt {
  int32_t shard = 0;
  storage::Uuid attempt_id{};
  absl::Time sent_time, lease_end_time;
  std::optional<absl::Time> recorded_time, late_recorded_time;
  storage::AttemptOutcome outcome = storage::AttemptOutcome::kOpen;
  storage::VerdictSource verdict_source = storage::VerdictSource::kUnspecified;
  std::optional<storage::AttemptOutcome> late_outcome;
  storage::DeliveryState from_state = storage::DeliveryState::kPending;
  storage::DeliveryState to_state = storage::DeliveryState::kInFlight;
  int32_t event_count = 0;
  int32_t left_count = 0;
  std::array<uint8_t, 32> body_sha256{};
  std::string token_id;
  double rate_share = 1;  // of the destination's rate, when it was claimed
  struct Slice {
    storage::SliceKey key;
    int16_t last_position = 0;
    int64_t fence = 0;
    std::optional<storage::Uuid> previous_attempt;
  };
  std::vector<Slice> slices;
  int64_t sequence = 0;  // in the order they were made
};

// One row of `transition`.
struct MemoryTransition {
  int32_t shard = 0;
  int64_t lot_id = 0;
  int16_t first_position = 0;
  int16_t last_position = 0;
  absl::Time time;
  storage::DeliveryState from_state = storage::DeliveryState::kPending;
  storage::DeliveryState to_state = storage::DeliveryState::kPending;
  int32_t event_count = 0;
  std::string reason;
};

// The ledger of the simulation: what storage/postgres_{append,claim,record}.cc say in SQL, said
// once more in memory, the CHECK constraints included. Every call is one transaction that takes no
// time; nothing is locked, because one task runs at a time. Not thread-safe.
class InMemoryLedger final : public storage::Ledger {
 public:
  // `now` is the database's clock.
  InMemoryLedger(std::function<absl::Time()> now, std::function<storage::Uuid()> make_uuid)
      : now_(std::move(now)), make_uuid_(std::move(make_uuid)) {}

  void AddShard(int32_t shard, int32_t destination_number);
  void SetPaused(int32_t destination_number, bool paused);

  absl::StatusOr<std::vector<storage::AppendedLot>> Append(
      absl::Span<const storage::NewLot> lots) override;
  absl::StatusOr<std::vector<int32_t>> DueShards(absl::Span<const int32_t> shards) override;
  absl::StatusOr<storage::ClaimResult> Claim(const storage::ClaimRequest& request,
                                             storage::BatchComposer& composer) override;
  absl::StatusOr<std::optional<absl::Duration>> TakeTurn(int32_t shard,
                                                         absl::Duration send_interval) override;
  absl::StatusOr<storage::RecordResult> Record(const storage::RecordRequest& request) override;
  absl::StatusOr<int> ReapLeases(int32_t shard) override;

  // Planted mistakes (planted_bug.h).
  void ForgetIdentities() { identities_.clear(); }
  // Lets an outcome be written as though the lease had not ended.
  void ReopenAttempt(const storage::RecordRequest& request);
  // Half open, the breaker lets everything pass; the rate is never reduced.
  void LetAllPassHalfOpen() { lets_all_pass_ = true; }
  void IgnoreRateShare() { ignores_rate_share_ = true; }
  // Leases that ended count as never sent.
  int ReapToPending(int32_t shard);
  // Late successes settle nothing that is in flight again.
  void ForgetLateSuccesses();

  const storage::Pace& pace(int32_t shard) const {
    return paces_.at(gates_.at(shard).destination_number);
  }

  // The books.
  using SliceKeyOfShard = std::tuple<int32_t, int64_t, int16_t>;
  struct Identity {
    int64_t content_digest = 0;
    int64_t lot_id = 0;
    int16_t position = 0;
  };
  const std::map<SliceKeyOfShard, MemorySlice>& slices() const { return slices_; }
  const std::map<storage::Uuid, MemoryAttempt>& attempts() const { return attempts_; }
  const std::vector<MemoryTransition>& transitions() const { return transitions_; }
  const std::map<std::pair<int32_t, storage::Uuid>, Identity>& identities() const {
    return identities_;
  }
  // Null where there is none.
  const MemoryAttempt* FindAttempt(const storage::Uuid& attempt_id) const;
  // The slice that holds a position.
  const MemorySlice& SliceAt(int32_t shard, int64_t lot_id, int16_t position) const;

 private:
  struct Gate {
    int32_t destination_number = 0;
    absl::Time last_send_time = absl::InfinitePast();
    absl::Time shut_until = absl::InfinitePast();
    bool paused = false;
  };
  // What an outcome may change, as it was: a transaction that fails leaves nothing.
  struct Before {
    MemoryAttempt attempt;
    size_t transition_count = 0;
    std::set<int64_t> lot_ids;
    std::map<SliceKeyOfShard, MemorySlice> slices;  // of these lots
    bool Holds(const MemorySlice& slice) const {
      return slice.shard == attempt.shard && lot_ids.contains(slice.key.lot_id);
    }
  };
  // What a claim looks at, in the order it is sent.
  struct Locked {
    std::vector<MemorySlice*> rows;
    std::optional<storage::Uuid> isolation_group;
  };

  absl::Status Put(MemorySlice slice);
  MemorySlice& At(int32_t shard, const storage::SliceKey& key);
  std::vector<MemorySlice*> InQueue(int32_t shard, storage::Queue queue);
  absl::Duration Interval(const Gate& gate, absl::Duration send_interval) const;
  std::optional<storage::BreakerState> NotePace(const storage::RecordRequest& request,
                                                const MemoryAttempt& attempt);
  Locked LockDue(const storage::ClaimRequest& request);
  void Cut(int32_t shard, const storage::SliceKey& key,
           const std::vector<storage::SlicePart>& parts);
  absl::Status Move(MemorySlice slice, storage::DeliveryState to_state, storage::Queue queue,
                    std::optional<storage::Uuid> group, const std::string& reason);
  void AddTransition(const MemorySlice& slice, storage::DeliveryState from_state,
                     storage::DeliveryState to_state, const std::string& reason);
  absl::Status ApplyDisposals(const storage::ClaimRequest& request, const Locked& locked,
                              const std::vector<storage::ClaimedSlice>& claimed,
                              const std::vector<storage::ClaimDisposal>& disposals,
                              std::vector<storage::ClaimedSlice>* to_send);
  void WriteIntent(const storage::ClaimRequest& request, const storage::ComposedBatch& composed,
                   std::vector<storage::ClaimedSlice>* to_send);
  Before Remember(const storage::RecordRequest& request) const;
  void RollBack(const Before& before);
  absl::StatusOr<storage::RecordResult> RecordRows(const storage::RecordRequest& request);
  void ChangeParked(const storage::RecordRequest& request, const storage::ParkedChange& change);
  absl::Status MoveTaken(const storage::RecordRequest& request, MemoryAttempt& attempt);
  absl::Status MovePart(const storage::RecordRequest& request, const storage::SliceOutcome& outcome,
                        const storage::SliceOutcome::Part* part);
  absl::Status RecordLate(const storage::RecordRequest& request, MemoryAttempt& attempt);
  // What storage/late_success.h says of an attempt that ends in doubt.
  absl::StatusOr<std::vector<storage::SliceKey>> DeliverMarked(MemoryAttempt& attempt);
  absl::Status RecordDoubt(storage::RecordRequest request, MemoryAttempt& attempt);
  absl::Status RecordInTime(const storage::RecordRequest& request, MemoryAttempt& attempt);
  absl::Status Reap(MemoryAttempt& attempt);
  std::vector<MemoryAttempt*> EndedLeases(int32_t shard);

  const std::function<absl::Time()> now_;
  const std::function<storage::Uuid()> make_uuid_;
  std::map<int32_t, Gate> gates_;
  std::map<int32_t, storage::Pace> paces_;  // by destination number
  bool lets_all_pass_ = false;
  bool ignores_rate_share_ = false;
  std::map<SliceKeyOfShard, MemorySlice> slices_;
  std::map<std::pair<int32_t, int64_t>, std::string> payloads_;
  std::map<std::pair<int32_t, storage::Uuid>, Identity> identities_;
  std::map<storage::Uuid, MemoryAttempt> attempts_;
  std::vector<MemoryTransition> transitions_;
  int64_t next_lot_id_ = 1;
  int64_t next_sequence_ = 1;
};

}  // namespace snapledger::simulation
