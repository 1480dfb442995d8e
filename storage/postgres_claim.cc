// Claim: what is due, the decision what of it to send, and the intent to send it, in one
// transaction.
//
// The row of the shard's gate is taken first: a pause, the rate and a Retry-After hold in every
// process because no claim gets past it, and it leaves one claimer per shard at a time.

#include <algorithm>
#include <map>
#include <utility>

#include "storage/gate.h"
#include "storage/postgres_ledger.h"
#include "storage/random_uuid.h"
#include "storage/slice_rows.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

// How soon to look again where another lane of the destination sends the breaker's trial.
constexpr absl::Duration kOtherTrial = absl::Milliseconds(100);

constexpr Statement kHeadOfQueues = {
    "head_of_queues",
    "select q.queue, h.next_attempt_time, h.isolation_group"
    " from unnest(array[1, 2, 3]::smallint[]) q (queue)"
    " cross join lateral (select next_attempt_time, isolation_group from lot"
    "   where shard = $1 and queue = q.queue and queue > 0 and next_attempt_time <= now()"
    "   order by next_attempt_time, lot_id, first_position limit 1) h"
    " order by h.next_attempt_time limit 1"};

// Chosen without a lock, so that only what fits is locked (a lock is a write).
constexpr Statement kLockDue = {
    "lock_due",
    "with head as materialized ("
    "   select lot_id, first_position, event_count, json_bytes, next_attempt_time from lot"
    "   where shard = $1 and queue = $2 and queue > 0 and next_attempt_time <= now()"
    "   order by next_attempt_time, lot_id, first_position limit $3),"
    " fit as (select lot_id, first_position,"
    "     sum(event_count) over w as events, sum(json_bytes::bigint) over w as bytes,"
    "     row_number() over w as place from head"
    "   window w as (order by next_attempt_time, lot_id, first_position))"
    " select l.lot_id, l.first_position, l.last_position, l.event_count, l.fence, l.state,"
    "   l.vanished_owners, l.first_sent_time, l.oldest_event_time, l.last_attempt_id, now(),"
    "   l.isolation_stage, l.definite_failures"
    " from lot l join fit f on l.lot_id = f.lot_id and l.first_position = f.first_position"
    " where l.shard = $1 and l.queue = $2 and (f.place = 1 or (f.events <= $4 and f.bytes <= $5))"
    " order by f.place for update of l skip locked"};

constexpr Statement kLockGroup = {
    "lock_group",
    "select l.lot_id, l.first_position, l.last_position, l.event_count, l.fence, l.state,"
    "   l.vanished_owners, l.first_sent_time, l.oldest_event_time, l.last_attempt_id, now(),"
    "   l.isolation_stage, l.definite_failures"
    " from lot l where l.shard = $1 and l.queue = 3 and l.next_attempt_time = $2"
    "   and l.isolation_group = $3"
    " order by l.lot_id, l.first_position for update of l skip locked"};

constexpr Statement kParkSlices = {
    "park_slices",
    "update lot l set next_attempt_time = now() + $4"
    " from unnest($2::bigint[], $3::smallint[]) k (lot_id, first_position)"
    " where l.shard = $1 and l.lot_id = k.lot_id and l.first_position = k.first_position"
    "   and l.queue = 3"};

constexpr Statement kSelectPayloads = {
    "select_payloads",
    "select p.lot_id, p.payload from unnest($2::bigint[]) k (lot_id)"
    " cross join lateral (select lot_id, payload from lot_payload"
    "   where shard = $1 and lot_id = k.lot_id limit 1) p"};

constexpr Statement kTakeSlices = {
    "take_slices",
    "update lot l set state = 2, queue = 0, fence = l.fence + 1, last_attempt_id = $4,"
    "   lease_end_time = now() + $5, first_sent_time = coalesce(l.first_sent_time, now()),"
    "   attempt_count = l.attempt_count + 1"
    " from unnest($2::bigint[], $3::smallint[]) k (lot_id, first_position)"
    " where l.shard = $1 and l.lot_id = k.lot_id and l.first_position = k.first_position"};

constexpr Statement kInsertBatch = {
    "insert_batch",
    "insert into batch (shard, batch_id, event_count, lot_ids, first_positions, last_positions,"
    "   fences, previous_attempt_ids) values ($1, $2, $3, $4, $5, $6, $7, $8)"};

constexpr Statement kInsertAttempt = {
    "insert_attempt",
    "insert into attempt (shard, attempt_id, batch_id, lease_end_time, event_count, from_state,"
    "   body_sha256, token_id) values ($1, $2, $3, now() + $4, $5, $6, $7, $8)"};

constexpr Statement kFindAttempt = {"find_attempt",
                                    "select 1 from attempt where shard = $1 and attempt_id = $2"};

// The slices under lock, with what the ledger itself needs of them.
struct LockedSlices {
  std::vector<ClaimedSlice> slices;
  std::vector<std::optional<Uuid>> previous_attempts;
  std::vector<DeliveryState> states;
  std::optional<Uuid> isolation_group;
  absl::Time database_now;
};

LockedSlices ReadLocked(const Result& rows) {
  LockedSlices locked;
  for (int row = 0; row < rows.row_count(); ++row) {
    const auto state = static_cast<DeliveryState>(rows.Int2(row, 5));
    locked.slices.push_back(
        {.key = {.lot_id = rows.Int8(row, 0), .first_position = rows.Int2(row, 1)},
         .last_position = rows.Int2(row, 2),
         .event_count = rows.Int4(row, 3),
         .fence = rows.Int8(row, 4),
         .doubted = state == DeliveryState::kInDoubt,
         .vanished_owners = rows.Int2(row, 6),
         .definite_failures = rows.Int2(row, 12),
         .isolation_stage = static_cast<IsolationStage>(rows.Int2(row, 11)),
         .first_sent_time = rows.OptionalTime(row, 7),
         .oldest_event_time = rows.Time(row, 8)});
    locked.previous_attempts.push_back(rows.OptionalUuid(row, 9));
    locked.states.push_back(state);
    locked.database_now = rows.Time(row, 10);
  }
  return locked;
}

LockedSlices LockDue(Connection& connection, const ClaimRequest& request, int slice_limit) {
  const Result head = connection.Execute(kHeadOfQueues, Parameters().Int4(request.shard));
  if (head.row_count() == 0) return {};
  const auto queue = static_cast<Queue>(head.Int2(0, 0));
  const std::optional<Uuid> group = head.OptionalUuid(0, 2);
  LockedSlices locked;
  if (queue == Queue::kIsolated) {
    locked = ReadLocked(connection.Execute(
        kLockGroup,
        Parameters().Int4(request.shard).Time(head.Time(0, 1)).UuidValue(group.value())));
  } else {
    locked = ReadLocked(connection.Execute(kLockDue, Parameters()
                                                         .Int4(request.shard)
                                                         .Int2(static_cast<int16_t>(queue))
                                                         .Int4(slice_limit)
                                                         .Int8(request.events_max)
                                                         .Int8(request.json_bytes_max)));
  }
  locked.isolation_group = group;
  return locked;
}

void ReadPayloads(Connection& connection, int32_t shard, std::vector<ClaimedSlice>* slices) {
  std::map<int64_t, std::vector<ClaimedSlice*>> slices_of_lot;
  for (ClaimedSlice& slice : *slices) slices_of_lot[slice.key.lot_id].push_back(&slice);
  std::vector<int64_t> lot_ids;
  for (const auto& [lot_id, of_lot] : slices_of_lot) lot_ids.push_back(lot_id);
  const Result rows =
      connection.Execute(kSelectPayloads, Parameters().Int4(shard).Int8Array(lot_ids));
  for (int row = 0; row < rows.row_count(); ++row) {
    for (ClaimedSlice* const slice : slices_of_lot[rows.Int8(row, 0)]) {
      slice->payload = rows.Text(row, 1);
    }
  }
}

// A slice as it is after cutting, with the one disposal that concerns it.
struct CutResult {
  std::vector<ClaimedSlice> to_send;
  std::vector<std::optional<Uuid>> previous_attempts;
  std::vector<SliceKey> to_park;
  std::vector<SliceMove> moves;
};

void ApplyDisposal(const LockedSlices& locked, const ClaimDisposal& disposal, CutResult* result) {
  const ClaimedSlice& slice = locked.slices[disposal.slice];
  const SliceKey key = {.lot_id = slice.key.lot_id, .first_position = disposal.part.first_position};
  if (disposal.kind == ClaimDisposal::Kind::kSend) {
    ClaimedSlice part = slice;
    part.key = key;
    part.last_position = disposal.part.last_position;
    part.event_count = disposal.part.event_count;
    result->to_send.push_back(std::move(part));
    result->previous_attempts.push_back(locked.previous_attempts[disposal.slice]);
    return;
  }
  if (disposal.kind == ClaimDisposal::Kind::kLeave) return;
  if (disposal.kind == ClaimDisposal::Kind::kPark) {
    result->to_park.push_back(key);
    return;
  }
  SliceMove move = {.key = key,
                    .last_position = disposal.part.last_position,
                    .event_count = disposal.part.event_count,
                    .from_state = locked.states[disposal.slice],
                    .to_state = locked.states[disposal.slice],
                    .reason = disposal.reason};
  if (disposal.kind == ClaimDisposal::Kind::kFinal) {
    move.to_state = disposal.final_state;
  } else if (disposal.kind == ClaimDisposal::Kind::kIsolate) {
    move.queue = Queue::kIsolated;
    move.isolation_group = RandomUuid();
  }
  result->moves.push_back(std::move(move));
}

CutResult ApplyDisposals(Connection& connection, int32_t shard, const LockedSlices& locked,
                         const std::vector<ClaimDisposal>& disposals) {
  std::vector<std::vector<SlicePart>> parts(locked.slices.size());
  for (const ClaimDisposal& disposal : disposals) parts[disposal.slice].push_back(disposal.part);
  for (size_t slice = 0; slice < parts.size(); ++slice) {
    CutSlice(connection, shard, locked.slices[slice].key, parts[slice]);
  }
  CutResult result;
  for (const ClaimDisposal& disposal : disposals) {
    ApplyDisposal(locked, disposal, &result);
  }
  MoveSlices(connection, shard, result.moves, "dispatcher");
  return result;
}

void WriteIntent(Connection& connection, const ClaimRequest& request, const ComposedBatch& composed,
                 const CutResult& cut) {
  std::vector<int64_t> lot_ids, fences;
  std::vector<int16_t> firsts, lasts;
  for (const ClaimedSlice& slice : cut.to_send) {
    lot_ids.push_back(slice.key.lot_id);
    firsts.push_back(slice.key.first_position);
    lasts.push_back(slice.last_position);
    fences.push_back(slice.fence + 1);
  }
  const auto from_state =
      cut.to_send[0].doubted ? DeliveryState::kInDoubt : DeliveryState::kPending;
  const std::string_view digest(reinterpret_cast<const char*>(composed.body_sha256.data()),
                                composed.body_sha256.size());
  const std::vector<Connection::Call> calls = {
      {&kTakeSlices, Parameters()
                         .Int4(request.shard)
                         .Int8Array(lot_ids)
                         .Int2Array(firsts)
                         .UuidValue(request.attempt_id)
                         .Interval(request.lease)},
      {&kInsertBatch, Parameters()
                          .Int4(request.shard)
                          .UuidValue(request.batch_id)
                          .Int4(composed.event_count)
                          .Int8Array(lot_ids)
                          .Int2Array(firsts)
                          .Int2Array(lasts)
                          .Int8Array(fences)
                          .OptionalUuidArray(cut.previous_attempts)},
      {&kInsertAttempt, Parameters()
                            .Int4(request.shard)
                            .UuidValue(request.attempt_id)
                            .UuidValue(request.batch_id)
                            .Interval(request.lease)
                            .Int4(composed.event_count)
                            .Int2(static_cast<int16_t>(from_state))
                            .Bytes(digest)
                            .Text(request.token_id)}};
  connection.ExecutePipeline(calls);
}

void ParkSlices(Connection& connection, const ClaimRequest& request,
                const std::vector<SliceKey>& slices) {
  if (slices.empty()) return;
  std::vector<int64_t> lot_ids;
  std::vector<int16_t> firsts;
  for (const SliceKey& slice : slices) {
    lot_ids.push_back(slice.lot_id);
    firsts.push_back(slice.first_position);
  }
  connection.Execute(kParkSlices, Parameters()
                                      .Int4(request.shard)
                                      .Int8Array(lot_ids)
                                      .Int2Array(firsts)
                                      .Interval(request.park_time));
}

}  // namespace

int PostgresLedger::SliceLimit(int32_t shard, int events_max) const {
  absl::MutexLock lock(&mutex_);
  const auto found = events_per_slice_.find(shard);
  const double mean = found == events_per_slice_.end() ? 1.0 : std::max(1.0, found->second);
  return std::min(events_max, static_cast<int>(1.25 * events_max / mean) + 2);
}

void PostgresLedger::NoteClaimed(int32_t shard, int slices, int events) {
  absl::MutexLock lock(&mutex_);
  double& mean = events_per_slice_[shard];
  const double seen = static_cast<double>(events) / slices;
  mean = mean == 0 ? seen : 0.8 * mean + 0.2 * seen;
}

ClaimResult PostgresLedger::ClaimOn(Connection& connection, const ClaimRequest& request,
                                    BatchComposer& composer) {
  ClaimResult result;
  const std::optional<PaceAtClaim> pace = PassGate(connection, request);
  if (!pace.has_value()) {
    result.kind = ClaimResult::Kind::kGateShut;
    result.gate_opens_in = GateOpensIn(connection, request);
    return result;
  }
  LockedSlices locked = LockDue(connection, request, SliceLimit(request.shard, request.events_max));
  if (locked.slices.empty()) return result;
  ReadPayloads(connection, request.shard, &locked.slices);
  absl::StatusOr<ComposedBatch> composed = composer.Compose(locked.slices, locked.database_now);
  if (!composed.ok()) throw StatusError(composed.status());
  for (ClaimedSlice& slice : locked.slices) slice.payload.clear();
  CutResult cut = ApplyDisposals(connection, request.shard, locked, composed->disposals);
  ParkSlices(connection, request, cut.to_park);
  if (cut.to_send.empty()) {
    result.kind = ClaimResult::Kind::kSettled;
    return result;
  }
  WriteIntent(connection, request, *composed, cut);
  for (ClaimedSlice& slice : cut.to_send) ++slice.fence;
  NoteClaimed(request.shard, static_cast<int>(cut.to_send.size()), composed->event_count);
  const bool is_trial = pace->breaker != BreakerState::kClosed;
  if (is_trial && !BeginTrial(connection, request, *pace)) {
    result.kind = ClaimResult::Kind::kGateShut;
    result.gate_opens_in = kOtherTrial;
    return result;
  }
  result.kind = ClaimResult::Kind::kBatch;
  result.batch = {.slices = std::move(cut.to_send),
                  .event_count = composed->event_count,
                  .isolation_group = locked.isolation_group,
                  .isolation_stage = LeastStage(locked.slices),
                  .pace = *pace};
  return result;
}

absl::StatusOr<ClaimResult> PostgresLedger::Claim(const ClaimRequest& request,
                                                  BatchComposer& composer) {
  std::optional<ClaimResult> uncommitted;
  absl::StatusOr<ClaimResult> result =
      WithConnection(delivery_pool_, [&](Connection& connection) -> ClaimResult {
        uncommitted.reset();
        return InTransaction(connection, "begin", [&] {
          ClaimResult claimed = ClaimOn(connection, request, composer);
          if (claimed.kind == ClaimResult::Kind::kBatch) uncommitted = claimed;
          // Nothing changed that may stay: the gate was passed for no send.
          const bool keep = claimed.kind == ClaimResult::Kind::kBatch ||
                            claimed.kind == ClaimResult::Kind::kSettled;
          return Finish<ClaimResult>{std::move(claimed), keep};
        });
      });
  if (result.ok() || !uncommitted.has_value() || !absl::IsUnavailable(result.status())) {
    return result;
  }
  const absl::StatusOr<bool> stands = WithConnection(delivery_pool_, [&](Connection& connection) {
    return connection
               .Execute(kFindAttempt,
                        Parameters().Int4(request.shard).UuidValue(request.attempt_id))
               .row_count() > 0;
  });
  if (stands.ok() && *stands) return *uncommitted;
  return result;
}

}  // namespace snapledger::storage
