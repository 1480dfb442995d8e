// Record: what came of an attempt, guarded by its being open and by the fences of its slices.
// Reap: attempts whose owner is gone.

#include <utility>

#include "storage/postgres_ledger.h"
#include "storage/random_uuid.h"
#include "storage/slice_rows.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kCloseAttempt = {
    "close_attempt",
    "update attempt set outcome = $3, verdict_source = $4, http_status = $5, snap_status = $6,"
    "   snap_reason = $7, error = $8, to_state = $9, state_reason = $10, recorded_time = now()"
    " where shard = $1 and attempt_id = $2 and outcome = 0"};

constexpr Statement kRecordedOutcome = {
    "recorded_outcome",
    "select outcome, verdict_source from attempt where shard = $1 and attempt_id = $2"};

// What goes back to PENDING was certainly not taken, so its window has not begun. An isolation
// group stays one until its outcome is known. A delivered slice changes no indexed column.
constexpr Statement kMoveTaken = {
    "move_taken",
    "update lot l set state = $6, state_reason = $7, lease_end_time = null,"
    "   queue = case when $6::smallint not in (1, 3) then 0"
    "     when l.isolation_group is not null then 3 when $6::smallint = 1 then 1 else 2 end,"
    "   next_attempt_time = case when $6::smallint in (1, 3) then now() + $8"
    "     else l.next_attempt_time end,"
    "   in_doubt_since = case when $6::smallint = 3 then coalesce(l.in_doubt_since, now())"
    "     else l.in_doubt_since end,"
    "   first_sent_time = case when $6::smallint = 1 then null else l.first_sent_time end,"
    "   final_time = case when $6::smallint >= 4 then now() end,"
    "   exceptional_state = case when $6::smallint > 4 then $6 end,"
    "   definite_failures = l.definite_failures + $9, vanished_owners = 0,"
    "   isolation_group = case when $6::smallint in (1, 3) then l.isolation_group end"
    " from unnest($3::bigint[], $4::smallint[], $5::bigint[]) k (lot_id, first_position, fence)"
    " where l.shard = $1 and l.lot_id = k.lot_id and l.first_position = k.first_position"
    "   and l.fence = k.fence and l.state = 2 and l.last_attempt_id = $2"};

constexpr Statement kSetGroup = {
    "set_group",
    "update lot set isolation_group = $4, queue = 3"
    " where shard = $1 and lot_id = $2 and first_position = $3 and queue > 0"};

// Of every lane of the destination; in one order, so that two of these cannot deadlock.
constexpr Statement kShutGate = {
    "shut_gate",
    "with gates as materialized (select shard from shard where destination_number ="
    "     (select destination_number from shard where shard = $1) order by shard for update)"
    " update shard s set shut_until = greatest(s.shut_until, now() + $2)"
    " from gates where s.shard = gates.shard"};

constexpr Statement kNoteLateOutcome = {
    "note_late_outcome",
    "update attempt set late_outcome = $3, late_recorded_time = now()"
    " where shard = $1 and attempt_id = $2 and late_outcome is null"};

constexpr Statement kDeliverLate = {
    "deliver_late",
    "update lot l set state = 4, queue = 0, isolation_group = null, final_time = now(),"
    "   exceptional_state = null, state_reason = 'LATE_ANSWER'"
    " from attempt a, batch b,"
    "   unnest(b.lot_ids, b.first_positions, b.last_positions) k (lot_id, first, last)"
    " where a.shard = $1 and a.attempt_id = $2 and b.shard = $1 and b.batch_id = a.batch_id"
    "   and l.shard = $1 and l.lot_id = k.lot_id and l.first_position >= k.first"
    "   and l.last_position <= k.last and l.state = 3"
    " returning l.lot_id, l.first_position, l.last_position, l.event_count"};

constexpr Statement kInsertTransition = {
    "insert_late_transition",
    "insert into transition (shard, lot_id, transition_id, first_position, last_position,"
    "   event_count, from_state, to_state, reason, actor)"
    " values ($1, $2, $3, $4, $5, $6, 3, 4, 'LATE_ANSWER', 'dispatcher')"};

constexpr Statement kCloseEnded = {
    "close_ended",
    "update attempt set outcome = 5, verdict_source = 4, to_state = 3, recorded_time = now(),"
    "   state_reason = 'OWNER_VANISHED', error = 'the lease ended without an outcome'"
    " where shard = $1 and attempt_id in (select attempt_id from attempt"
    "   where shard = $1 and outcome = 0 and lease_end_time < now()"
    "   order by lease_end_time limit 100 for update skip locked)"
    " returning attempt_id"};

constexpr Statement kReapSlices = {
    "reap_slices",
    "update lot l set state = 3, queue = case when l.isolation_group is null then 2 else 3 end,"
    "   in_doubt_since = coalesce(l.in_doubt_since, now()), next_attempt_time = now(),"
    "   lease_end_time = null, vanished_owners = l.vanished_owners + 1,"
    "   state_reason = 'OWNER_VANISHED'"
    " from attempt a, batch b, unnest(b.lot_ids, b.first_positions) k (lot_id, first_position)"
    " where a.shard = $1 and a.attempt_id = $2 and b.shard = $1 and b.batch_id = a.batch_id"
    "   and l.shard = $1 and l.lot_id = k.lot_id and l.first_position = k.first_position"
    "   and l.state = 2 and l.last_attempt_id = $2"};

bool CloseAttempt(Connection& connection, const RecordRequest& request) {
  return connection
             .Execute(kCloseAttempt, Parameters()
                                         .Int4(request.shard)
                                         .UuidValue(request.attempt_id)
                                         .Int2(static_cast<int16_t>(request.outcome))
                                         .Int2(static_cast<int16_t>(request.verdict_source))
                                         .Int2(static_cast<int16_t>(request.http_status))
                                         .Text(request.snap_status)
                                         .Text(request.snap_reason)
                                         .Text(request.error)
                                         .Int2(static_cast<int16_t>(request.to_state))
                                         .Text(request.state_reason))
             .affected_rows() == 1;
}

void MoveTaken(Connection& connection, const RecordRequest& request) {
  std::vector<int64_t> lot_ids, fences;
  std::vector<int16_t> firsts;
  for (const SliceOutcome& slice : request.slices) {
    lot_ids.push_back(slice.key.lot_id);
    firsts.push_back(slice.key.first_position);
    fences.push_back(slice.fence);
  }
  connection.Execute(kMoveTaken, Parameters()
                                     .Int4(request.shard)
                                     .UuidValue(request.attempt_id)
                                     .Int8Array(lot_ids)
                                     .Int2Array(firsts)
                                     .Int8Array(fences)
                                     .Int2(static_cast<int16_t>(request.to_state))
                                     .Text(request.state_reason)
                                     .Interval(request.next_attempt_in)
                                     .Int2(request.definite_failure ? 1 : 0));
}

void CutAndGroup(Connection& connection, const RecordRequest& request) {
  for (const SliceOutcome& slice : request.slices) {
    std::vector<SlicePart> parts;
    for (const SliceOutcome::Part& part : slice.parts) parts.push_back(part.part);
    CutSlice(connection, request.shard, slice.key, parts);
    for (const SliceOutcome::Part& part : slice.parts) {
      if (!part.isolation_group.has_value()) continue;
      connection.Execute(kSetGroup, Parameters()
                                        .Int4(request.shard)
                                        .Int8(slice.key.lot_id)
                                        .Int2(part.part.first_position)
                                        .UuidValue(*part.isolation_group));
    }
  }
}

// True when this very outcome stands already: the answer to its commit was lost.
bool StandsAlready(Connection& connection, const RecordRequest& request) {
  const Result row = connection.Execute(
      kRecordedOutcome, Parameters().Int4(request.shard).UuidValue(request.attempt_id));
  return row.row_count() == 1 && row.Int2(0, 0) == static_cast<int16_t>(request.outcome) &&
         row.Int2(0, 1) == static_cast<int16_t>(request.verdict_source);
}

void RecordLate(Connection& connection, const RecordRequest& request) {
  const Parameters attempt = Parameters().Int4(request.shard).UuidValue(request.attempt_id);
  Parameters note = attempt;
  connection.Execute(kNoteLateOutcome, note.Int2(static_cast<int16_t>(request.outcome)));
  if (request.outcome != AttemptOutcome::kDelivered) return;
  const Result delivered = connection.Execute(kDeliverLate, attempt);
  for (int row = 0; row < delivered.row_count(); ++row) {
    connection.Execute(kInsertTransition, Parameters()
                                              .Int4(request.shard)
                                              .Int8(delivered.Int8(row, 0))
                                              .UuidValue(RandomUuid())
                                              .Int2(delivered.Int2(row, 1))
                                              .Int2(delivered.Int2(row, 2))
                                              .Int4(delivered.Int4(row, 3)));
  }
}

RecordResult RecordOn(Connection& connection, const RecordRequest& request) {
  RecordResult result;
  if (CloseAttempt(connection, request)) {
    MoveTaken(connection, request);
    CutAndGroup(connection, request);
  } else if (!StandsAlready(connection, request)) {
    RecordLate(connection, request);
    result.fence_held = false;
  }
  // Late or not: what Snap asked for counts from now.
  if (request.shut_gate_for.has_value()) {
    connection.Execute(kShutGate,
                       Parameters().Int4(request.shard).Interval(*request.shut_gate_for));
  }
  return result;
}

}  // namespace

absl::StatusOr<RecordResult> PostgresLedger::Record(const RecordRequest& request) {
  return RunTransaction(delivery_pool_, TransactionKind::kReadWrite,
                        [&](Connection& connection) { return RecordOn(connection, request); });
}

absl::StatusOr<int> PostgresLedger::ReapLeases(int32_t shard) {
  return RunTransaction(delivery_pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const Result ended = connection.Execute(kCloseEnded, Parameters().Int4(shard));
    for (int row = 0; row < ended.row_count(); ++row) {
      connection.Execute(kReapSlices, Parameters().Int4(shard).UuidValue(ended.UuidValue(row, 0)));
    }
    return ended.row_count();
  });
}

}  // namespace snapledger::storage
