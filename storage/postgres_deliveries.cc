#include "storage/postgres_deliveries.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "storage/attempt_rows.h"
#include "storage/identity_groups.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

// More attempts of one event than this are not followed back.
constexpr int kAttemptsMax = 200;

// A snapshot that begins with its first statement and, where that is known beforehand, ends with
// its last: under load each trip to the server waits for a processor twice.
constexpr Statement kBeginSnapshot = {"begin_snapshot",
                                      "begin isolation level repeatable read, read only"};
constexpr Statement kEndSnapshot = {"end_snapshot", "commit"};

// Of one group of identity partitions, and of those the newest that holds the key.
constexpr char kFindEvent[] =
    "select i.lot_id, i.position, i.event_time, i.name_label, i.source_label, i.usable,"
    "   s.received_time, s.state, s.state_reason, s.attempt_count, s.queue, s.next_attempt_time,"
    "   s.first_sent_time, s.final_time, s.in_doubt_since is not null, s.last_attempt_id,"
    "   s.payload, s.piece, s.piece_count"
    " from (select lot_id, position, event_time, name_label, source_label, usable from identity"
    "   where shard = $1 and event_key = $2 and @group order by partition_number desc limit 1) i"
    " left join lateral (select l.received_time, l.state, l.state_reason, l.attempt_count, l.queue,"
    "     l.next_attempt_time, l.first_sent_time, l.final_time, l.in_doubt_since,"
    "     l.last_attempt_id, p.piece, p.piece_count, substring(p.payload from p.first_byte + 1"
    "       for p.end_byte - p.first_byte) as payload"
    "   from lot l cross join lateral (select b.payload, c.piece_count, c.piece,"
    "       coalesce(b.piece_bounds[c.piece + 1], 0) as first_byte,"
    "       coalesce(b.piece_bounds[c.piece + 2], octet_length(b.payload)) as end_byte"
    "     from lot_payload b cross join lateral (select"
    "         greatest(cardinality(b.piece_bounds) - 1, 1) as piece_count,"
    "         case when cardinality(b.piece_bounds) > 0 then i.position / $3 else 0 end as piece) c"
    "     where b.shard = l.shard and b.lot_id = l.lot_id) p"
    "   where l.shard = $1 and l.lot_id = i.lot_id and l.first_position <= i.position"
    "   order by l.first_position desc limit 1) s on true";

constexpr Statement kGetAttempt = {
    "get_attempt",
    "select a.attempt_id, a.batch_id, a.sent_time, a.recorded_time, a.http_status, a.snap_status,"
    "   a.snap_reason, a.error, a.outcome, a.verdict_source, a.event_count, a.body_sha256,"
    "   a.from_state, a.to_state, a.state_reason, k.previous_attempt_id"
    " from attempt a join batch b on b.shard = a.shard and b.batch_id = a.batch_id"
    " cross join lateral unnest(b.lot_ids, b.first_positions, b.last_positions,"
    "   b.previous_attempt_ids) k (lot_id, first_position, last_position, previous_attempt_id)"
    " where a.shard = $1 and a.attempt_id = $2 and k.lot_id = $3"
    "   and $4 between k.first_position and k.last_position"};

constexpr Statement kListTransitions = {
    "list_transitions",
    "select from_state, to_state, transition_time, reason, actor, verdict_source, snap_reason"
    " from transition"
    " where shard = $1 and lot_id = $2 and $3 between first_position and last_position"
    " order by transition_time"};

Connection::Call AttemptCall(const EventRow& event, const Uuid& attempt_id) {
  return {
      &kGetAttempt,
      Parameters().Int4(event.shard).UuidValue(attempt_id).Int8(event.lot_id).Int2(event.position)};
}

// The attempt on `row`; returns the one before it.
std::optional<Uuid> TakeAttempt(const Result& row, EventRow* event) {
  if (row.row_count() == 0) return std::nullopt;
  event->attempts.push_back(ReadAttempt(row, 0));
  return row.OptionalUuid(0, 15);
}

void TakeTransitions(const Result& rows, EventRow* event) {
  for (int row = 0; row < rows.row_count(); ++row) {
    event->transitions.push_back({.from_state = static_cast<DeliveryState>(rows.Int2(row, 0)),
                                  .to_state = static_cast<DeliveryState>(rows.Int2(row, 1)),
                                  .time = rows.Time(row, 2),
                                  .reason = rows.Text(row, 3),
                                  .actor = rows.Text(row, 4),
                                  .verdict_source = static_cast<VerdictSource>(rows.Int2(row, 5)),
                                  .snap_reason = rows.Text(row, 6)});
  }
}

// Most events have one attempt at most, which is had in one trip with the transitions and the end.
void ReadHistory(Connection& connection, const std::optional<Uuid>& last_attempt, EventRow* event) {
  std::vector<Connection::Call> calls = {
      {&kListTransitions,
       Parameters().Int4(event->shard).Int8(event->lot_id).Int2(event->position)}};
  if (last_attempt.has_value()) calls.push_back(AttemptCall(*event, *last_attempt));
  const bool ends_here = event->attempt_count <= 1;
  if (ends_here) calls.push_back({&kEndSnapshot, Parameters()});
  const std::vector<Result> results = connection.ExecutePipeline(calls);
  TakeTransitions(results[0], event);
  if (last_attempt.has_value()) {
    std::optional<Uuid> before = TakeAttempt(results[1], event);
    while (!ends_here && before.has_value() && event->attempts.size() < kAttemptsMax) {
      const Connection::Call call = AttemptCall(*event, *before);
      before = TakeAttempt(connection.Execute(*call.statement, call.parameters), event);
    }
  }
  if (!ends_here) connection.Execute(kEndSnapshot, Parameters());
  std::reverse(event->attempts.begin(), event->attempts.end());
  int number = event->attempt_count - static_cast<int>(event->attempts.size());
  for (AttemptRow& attempt : event->attempts) attempt.number = ++number;
}

// An event that left an attempt by a transition of its own did not share the attempt's fate.
void GiveDeparturesToAttempts(EventRow* event) {
  std::erase_if(event->transitions, [event](const TransitionRow& transition) {
    if (transition.from_state != DeliveryState::kInFlight) return false;
    for (AttemptRow& attempt : event->attempts) {
      if (attempt.answered_time != transition.time) continue;
      attempt.to_state = transition.to_state;
      attempt.state_reason = transition.reason;
      attempt.verdict_source = transition.verdict_source;
      attempt.snap_reason = transition.snap_reason;
      return true;
    }
    return false;
  });
}

// The event in the newest partition that holds its key, or nothing, in a snapshot that stays open.
// Two groups a trip: just after a group began, most of what is asked for is in the one before.
std::optional<Result> FindRow(Connection& connection, int32_t shard, const Uuid& event_key,
                              std::atomic<int32_t>* newest_group) {
  const Parameters key = Parameters().Int4(shard).UuidValue(event_key).Int4(kPieceEvents);
  int32_t newest = *newest_group;
  std::vector<Connection::Call> calls;
  for (int32_t group = newest; group >= 0;) {
    const MadeStatement find = OfGroup("find_event", kFindEvent, group);
    const MadeStatement find_before = OfGroup("find_event", kFindEvent, std::max(group - 1, 0));
    calls.push_back({&kBeginSnapshot, Parameters()});
    calls.push_back({&kNewestPartition, Parameters()});
    const size_t newest_at = calls.size() - 1;
    calls.push_back({find.get(), key});
    if (group > 0) calls.push_back({find_before.get(), key});
    std::vector<Result> results = connection.ExecutePipeline(calls);
    calls = {{&kEndSnapshot, Parameters()}};
    if (const int32_t now = GroupOf(results[newest_at].Int4(0, 0)); now > newest) {
      *newest_group = newest = group = now;
      continue;
    }
    for (size_t found = newest_at + 1; found < results.size(); ++found) {
      if (results[found].row_count() > 0) return std::move(results[found]);
    }
    group -= 2;
  }
  return std::nullopt;
}

EventRow ReadEvent(Connection& connection, int32_t shard, const Uuid& event_key,
                   std::atomic<int32_t>* newest_group) {
  const std::optional<Result> found = FindRow(connection, shard, event_key, newest_group);
  if (!found.has_value() || found->IsNull(0, 6)) {
    connection.Execute(kEndSnapshot, Parameters());
    throw StatusError(!found.has_value() ? absl::NotFoundError("no such event")
                                         : absl::DataLossError("an event without its lot"));
  }
  const Result& row = *found;
  EventRow event = {.shard = shard,
                    .lot_id = row.Int8(0, 0),
                    .position = row.Int2(0, 1),
                    .event_time = row.Time(0, 2),
                    .name_label = row.Int4(0, 3),
                    .source_label = row.Int4(0, 4),
                    .usable = static_cast<uint16_t>(row.Int2(0, 5))};
  event.received_time = row.Time(0, 6);
  event.state = static_cast<DeliveryState>(row.Int2(0, 7));
  event.state_reason = row.Text(0, 8);
  event.attempt_count = row.Int4(0, 9);
  if (row.Int2(0, 10) != 0) event.next_attempt_time = row.Time(0, 11);
  event.first_sent_time = row.OptionalTime(0, 12);
  event.final_time = row.OptionalTime(0, 13);
  event.possibly_delivered = row.Bool(0, 14) && event.state != DeliveryState::kDelivered;
  event.payload = row.Text(0, 16);
  event.piece = row.Int4(0, 17);
  event.piece_count = row.Int4(0, 18);
  ReadHistory(connection, row.OptionalUuid(0, 15), &event);
  GiveDeparturesToAttempts(&event);
  return event;
}

}  // namespace

absl::StatusOr<EventRow> PostgresDeliveryStore::FindEvent(int32_t shard, const Uuid& event_key) {
  return WithConnection(pool_, [&](Connection& connection) {
    return ReadEvent(connection, shard, event_key, &newest_group_);
  });
}

}  // namespace snapledger::storage
