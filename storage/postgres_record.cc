// Record: what came of an attempt, guarded by its being open and by the fences of its slices. Where
// Snap asked to wait, the gate is shut before that, in a transaction of its own: a claim that
// begins after `recorded_time` finds it shut, however long the record's own work takes.
//
// Reap: attempts whose owner is gone.

#include <algorithm>
#include <utility>

#include "storage/gate.h"
#include "storage/late_success.h"
#include "storage/postgres_ledger.h"
#include "storage/slice_rows.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kCloseAttempt = {
    "close_attempt",
    "update attempt set outcome = $3, verdict_source = $4, http_status = $5, snap_status = $6,"
    "   snap_reason = $7, error = $8, to_state = $9, state_reason = $10, left_count = $11,"
    "   recorded_time = now()"
    " where shard = $1 and attempt_id = $2 and outcome = 0"};

constexpr Statement kRecordedOutcome = {
    "recorded_outcome",
    "select outcome, verdict_source from attempt where shard = $1 and attempt_id = $2"};

// Parked slices are not due yet; the batch's own are in no queue. Redriven ones may wait for a
// later time too, but nothing is known of them yet.
constexpr Statement kChangeParked = {
    "change_parked",
    "with parked as materialized (select lot_id, first_position,"
    "     case when $3 then 1 else isolation_stage end::smallint as stage from lot"
    "   where shard = $1 and queue = 3 and queue > 0 and next_attempt_time > now()"
    "     and next_attempt_time <= now() + $5 and isolation_group = $2 and isolation_stage > 0"
    "   order by lot_id, first_position for update)"
    " update lot l set isolation_stage = p.stage, next_attempt_time = case"
    "     when p.stage = coalesce($4, (select max(stage) from parked)) then now()"
    "     else now() + $5 end"
    " from parked p"
    " where l.shard = $1 and l.lot_id = p.lot_id and l.first_position = p.first_position"};

constexpr Statement kDepart = {
    "depart",
    "update lot set state = $5, queue = 0, state_reason = $6, lease_end_time = null,"
    "   final_time = now(), exceptional_state = $5, isolation_group = null, isolation_stage = 0,"
    "   definite_failures = definite_failures + case when $5 in (5, 8) then 1 else 0 end,"
    "   vanished_owners = 0"
    " where shard = $1 and lot_id = $2 and first_position = $3 and state = 2"
    "   and last_attempt_id = $4"};

// What goes back to PENDING was certainly not taken, so its window has not begun. A negative stage
// keeps group and stage. A delivered slice changes no indexed column.
constexpr Statement kMoveTaken = {
    "move_taken",
    "update lot l set state = $6, state_reason = $7, lease_end_time = null,"
    "   queue = case when $6::smallint not in (1, 3) then 0"
    "     when case when k.stage < 0 then l.isolation_group else k.isolation_group end is not null"
    "       then 3 when $6::smallint = 1 then 1 else 2 end,"
    "   next_attempt_time = case when $6::smallint not in (1, 3) then l.next_attempt_time"
    "     when k.parked = 1 then now() + $13 else now() + $8 end,"
    "   in_doubt_since = case when $6::smallint = 3 then coalesce(l.in_doubt_since, now())"
    "     else l.in_doubt_since end,"
    "   first_sent_time = case when $6::smallint = 1 then null else l.first_sent_time end,"
    "   final_time = case when $6::smallint >= 4 then now() end,"
    "   exceptional_state = case when $6::smallint > 4 then $6 end,"
    "   definite_failures = l.definite_failures + $9, vanished_owners = 0,"
    "   isolation_group = case when $6::smallint not in (1, 3) then null"
    "     when k.stage < 0 then l.isolation_group else k.isolation_group end,"
    "   isolation_stage = case when $6::smallint not in (1, 3) then 0"
    "     when k.stage < 0 then l.isolation_stage else k.stage end"
    " from unnest($3::bigint[], $4::smallint[], $5::bigint[], $10::uuid[], $11::smallint[],"
    "     $12::smallint[]) k (lot_id, first_position, fence, isolation_group, stage, parked)"
    " where l.shard = $1 and l.lot_id = k.lot_id and l.first_position = k.first_position"
    "   and l.fence = k.fence and l.state = 2 and l.last_attempt_id = $2"};

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

constexpr Statement kCloseEnded = {
    "close_ended",
    "update attempt set outcome = 5, verdict_source = 4, to_state = 3, recorded_time = now(),"
    "   state_reason = 'OWNER_VANISHED', error = 'the lease ended without an outcome'"
    " where shard = $1 and attempt_id in (select attempt_id from attempt"
    "   where shard = $1 and outcome = 0 and lease_end_time < now()"
    "   order by lease_end_time limit 100 for update skip locked)"
    " returning attempt_id"};

// What was parked for an outcome that will not come. Parking is shorter than five minutes; redriven
// slices may wait for hours behind it.
constexpr Statement kReapParked = {
    "reap_parked",
    "update lot p set isolation_stage = 1, next_attempt_time = now()"
    " where p.shard = $1 and p.queue = 3 and p.queue > 0 and p.next_attempt_time > now()"
    "   and p.next_attempt_time <= now() + interval '5 minutes' and p.isolation_stage > 0 and "
    "p.isolation_group in (select l.isolation_group"
    "     from attempt a join batch b on b.shard = a.shard and b.batch_id = a.batch_id"
    "     cross join lateral unnest(b.lot_ids, b.first_positions) k (lot_id, first_position)"
    "     join lot l on l.lot_id = k.lot_id and l.first_position = k.first_position"
    "     where a.shard = $1 and a.attempt_id = $2 and l.shard = $1 and l.state = 2"
    "       and l.last_attempt_id = $2)"};

// The doubt of a group is kept apart from those of it that were not sent.
constexpr Statement kReapSlices = {
    "reap_slices",
    "update lot l set state = 3, queue = case when l.isolation_group is null then 2 else 3 end,"
    "   isolation_group = case when l.isolation_group is not null then $2 end,"
    "   isolation_stage = least(l.isolation_stage, 1),"
    "   in_doubt_since = coalesce(l.in_doubt_since, now()), next_attempt_time = now(),"
    "   lease_end_time = null, vanished_owners = l.vanished_owners + 1,"
    "   state_reason = 'OWNER_VANISHED'"
    " from attempt a, batch b, unnest(b.lot_ids, b.first_positions) k (lot_id, first_position)"
    " where a.shard = $1 and a.attempt_id = $2 and b.shard = $1 and b.batch_id = a.batch_id"
    "   and l.shard = $1 and l.lot_id = k.lot_id and l.first_position = k.first_position"
    "   and l.state = 2 and l.last_attempt_id = $2"};

int32_t LeftCount(const RecordRequest& request) {
  int32_t count = 0;
  for (const SliceOutcome& slice : request.slices) {
    for (const SliceOutcome::Part& part : slice.parts) {
      if (part.departure.has_value()) count += part.part.event_count;
    }
  }
  return count;
}

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
                                         .Text(request.state_reason)
                                         .Int4(LeftCount(request)))
             .affected_rows() == 1;
}

void ChangeParked(Connection& connection, const RecordRequest& request,
                  const ParkedChange& change) {
  // No stage is zero: nothing becomes due then; null: the highest there is.
  std::optional<int16_t> due = 0;
  if (change.due == ParkedChange::Due::kHighestStage) due = std::nullopt;
  if (change.due == ParkedChange::Due::kSameStage) due = static_cast<int16_t>(change.batch_stage);
  connection.Execute(kChangeParked, Parameters()
                                        .Int4(request.shard)
                                        .UuidValue(change.isolation_group)
                                        .Bool(change.forget)
                                        .OptionalInt2(due)
                                        .Interval(request.park_time));
}

void CutSlices(Connection& connection, const RecordRequest& request) {
  for (const SliceOutcome& slice : request.slices) {
    std::vector<SlicePart> parts;
    for (const SliceOutcome::Part& part : slice.parts) parts.push_back(part.part);
    CutSlice(connection, request.shard, slice.key, parts);
  }
}

void Depart(Connection& connection, const RecordRequest& request, int64_t lot_id,
            const SlicePart& part, const Departure& departure) {
  connection.Execute(kDepart, Parameters()
                                  .Int4(request.shard)
                                  .Int8(lot_id)
                                  .Int2(part.first_position)
                                  .UuidValue(request.attempt_id)
                                  .Int2(static_cast<int16_t>(departure.to_state))
                                  .Text(departure.reason));
  InsertTransition(connection, request.shard,
                   {.key = {.lot_id = lot_id, .first_position = part.first_position},
                    .last_position = part.last_position,
                    .event_count = part.event_count,
                    .from_state = DeliveryState::kInFlight,
                    .to_state = departure.to_state,
                    .reason = departure.reason,
                    .verdict_source = departure.verdict_source,
                    .snap_reason = departure.snap_reason},
                   "dispatcher");
}

// The slices as cut that share the attempt's fate.
struct TakenSlices {
  std::vector<int64_t> lot_ids, fences;
  std::vector<int16_t> firsts, stages, parked;
  std::vector<std::optional<Uuid>> groups;

  void Add(const SliceOutcome& slice, int16_t first, std::optional<Uuid> group, int16_t stage,
           bool is_parked) {
    lot_ids.push_back(slice.key.lot_id);
    fences.push_back(slice.fence);
    firsts.push_back(first);
    groups.push_back(group);
    stages.push_back(stage);
    parked.push_back(is_parked ? 1 : 0);
  }
};

void MoveTaken(Connection& connection, const RecordRequest& request) {
  TakenSlices taken;
  for (const SliceOutcome& slice : request.slices) {
    if (slice.parts.empty()) taken.Add(slice, slice.key.first_position, std::nullopt, -1, false);
    for (const SliceOutcome::Part& part : slice.parts) {
      if (part.departure.has_value()) {
        Depart(connection, request, slice.key.lot_id, part.part, *part.departure);
      } else {
        taken.Add(slice, part.part.first_position, part.isolation_group,
                  static_cast<int16_t>(part.isolation_stage), part.parked);
      }
    }
  }
  connection.Execute(kMoveTaken, Parameters()
                                     .Int4(request.shard)
                                     .UuidValue(request.attempt_id)
                                     .Int8Array(taken.lot_ids)
                                     .Int2Array(taken.firsts)
                                     .Int8Array(taken.fences)
                                     .Int2(static_cast<int16_t>(request.to_state))
                                     .Text(request.state_reason)
                                     .Interval(request.next_attempt_in)
                                     .Int2(request.definite_failure ? 1 : 0)
                                     .OptionalUuidArray(taken.groups)
                                     .Int2Array(taken.stages)
                                     .Int2Array(taken.parked)
                                     .Interval(request.park_time));
}

// True when this very outcome stands already: the answer to its commit was lost.
bool StandsAlready(Connection& connection, const RecordRequest& request) {
  const Result row = connection.Execute(
      kRecordedOutcome, Parameters().Int4(request.shard).UuidValue(request.attempt_id));
  return row.row_count() == 1 && row.Int2(0, 0) == static_cast<int16_t>(request.outcome) &&
         row.Int2(0, 1) == static_cast<int16_t>(request.verdict_source);
}

// Whether an answer that came late may have settled what this outcome would leave in doubt.
bool LeavesDoubt(const RecordRequest& request) {
  return request.to_state == DeliveryState::kInDoubt ||
         request.to_state == DeliveryState::kExpiredInDoubt;
}

// What is left of an outcome without the slices that a late success settled. What was searched
// among them is no longer known to be there: nothing waits for it.
RecordRequest Without(RecordRequest request, const std::vector<SliceKey>& settled) {
  std::erase_if(request.slices, [&settled](const SliceOutcome& slice) {
    return std::find(settled.begin(), settled.end(), slice.key) != settled.end();
  });
  for (SliceOutcome& slice : request.slices) {
    for (SliceOutcome::Part& part : slice.parts) part.parked = false;
  }
  if (request.parked.has_value()) {
    request.parked->forget = true;
    request.parked->due = ParkedChange::Due::kHighestStage;
  }
  return request;
}

void RecordInTime(Connection& connection, const RecordRequest& request) {
  if (request.parked.has_value()) ChangeParked(connection, request, *request.parked);
  CutSlices(connection, request);
  MoveTaken(connection, request);
}

void RecordDoubt(Connection& connection, const RecordRequest& request) {
  const DeliveredLate late = DeliverMarked(connection, request.shard, request.attempt_id);
  if (late.slices.empty()) {
    RecordInTime(connection, request);
    return;
  }
  const RecordRequest rest = Without(request, late.slices);
  SetLeftCount(connection, request.shard, request.attempt_id, LeftCount(rest) + late.event_count);
  RecordInTime(connection, rest);
}

void RecordLate(Connection& connection, const RecordRequest& request) {
  connection.Execute(kNoteLateOutcome, Parameters()
                                           .Int4(request.shard)
                                           .UuidValue(request.attempt_id)
                                           .Int2(static_cast<int16_t>(request.outcome)));
  if (request.outcome != AttemptOutcome::kDelivered) return;
  TakeLateSuccess(connection, request.shard, request.attempt_id);
}

RecordResult RecordOn(Connection& connection, const RecordRequest& request) {
  RecordResult result;
  const bool in_time = CloseAttempt(connection, request);
  if (in_time) {
    LeavesDoubt(request) ? RecordDoubt(connection, request) : RecordInTime(connection, request);
  } else if (!StandsAlready(connection, request)) {
    RecordLate(connection, request);
    result.fence_held = false;
  }
  if (in_time && request.pace_sign.has_value()) {
    result.breaker_change =
        NotePace(connection, request.shard, request.attempt_id, *request.pace_sign);
  }
  return result;
}

}  // namespace

absl::StatusOr<RecordResult> PostgresLedger::Record(const RecordRequest& request) {
  // Late or not: what Snap asked for counts from now.
  if (request.shut_gate_for.has_value()) {
    const absl::StatusOr<Result> shut = WithConnection(delivery_pool_, [&](Connection& connection) {
      return connection.Execute(kShutGate,
                                Parameters().Int4(request.shard).Interval(*request.shut_gate_for));
    });
    if (!shut.ok()) return shut.status();
  }
  return RunTransaction(delivery_pool_, TransactionKind::kReadWrite,
                        [&](Connection& connection) { return RecordOn(connection, request); });
}

absl::StatusOr<int> PostgresLedger::ReapLeases(int32_t shard) {
  return RunTransaction(delivery_pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const Result ended = connection.Execute(kCloseEnded, Parameters().Int4(shard));
    for (int row = 0; row < ended.row_count(); ++row) {
      const Uuid attempt_id = ended.UuidValue(row, 0);
      const Parameters attempt = Parameters().Int4(shard).UuidValue(attempt_id);
      connection.Execute(kReapParked, attempt);
      const DeliveredLate late = DeliverMarked(connection, shard, attempt_id);
      if (!late.slices.empty()) SetLeftCount(connection, shard, attempt_id, late.event_count);
      connection.Execute(kReapSlices, attempt);
    }
    return ended.row_count();
  });
}

}  // namespace snapledger::storage
