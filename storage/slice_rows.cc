#include "storage/slice_rows.h"

#include "storage/random_uuid.h"

namespace snapledger::storage {
namespace {

constexpr Statement kShrinkSlice = {
    "shrink_slice",
    "update lot set last_position = $4, event_count = $5, json_bytes = $6, rollup = $7,"
    "   oldest_event_time = $8"
    " where shard = $1 and lot_id = $2 and first_position = $3"};

constexpr Statement kCopySlice = {
    "copy_slice",
    "insert into lot (shard, lot_id, first_position, last_position, event_count, json_bytes,"
    "   rollup, oldest_event_time, fence, next_attempt_time, received_time, lease_end_time,"
    "   first_sent_time, in_doubt_since, final_time, attempt_count, state, queue,"
    "   definite_failures, vanished_owners, last_attempt_id, isolation_group, isolation_stage,"
    "   exceptional_state, late_success, state_reason)"
    " select shard, lot_id, $4, $5, $6, $7, $8, $9, fence, next_attempt_time, received_time,"
    "   lease_end_time, first_sent_time, in_doubt_since, final_time, attempt_count, state, queue,"
    "   definite_failures, vanished_owners, last_attempt_id, isolation_group, isolation_stage,"
    "   exceptional_state, late_success, state_reason"
    " from lot where shard = $1 and lot_id = $2 and first_position = $3"};

// `beginning` is what BeginningOf gives.
constexpr Statement kMoveSlices = {
    "move_slices",
    "update lot l set state = k.state, queue = k.queue, isolation_group = k.isolation_group,"
    "   isolation_stage = 0, state_reason = k.reason,"
    "   final_time = case when k.state >= 4 then now() end,"
    "   exceptional_state = case when k.state > 4 or (k.state < 4 and k.queue = 0)"
    "     then k.state end,"
    "   next_attempt_time = case when k.beginning > 0"
    "     then now() + k.due_in_us * interval '1 microsecond' else l.next_attempt_time end,"
    "   definite_failures = case when k.beginning > 0 and l.state = 8 then 0"
    "     else l.definite_failures end,"
    "   first_sent_time = case when k.beginning < 2 then l.first_sent_time end"
    " from unnest($2::bigint[], $3::smallint[], $4::smallint[], $5::smallint[], $6::uuid[],"
    "   $7::text[], $8::bigint[], $9::smallint[]) k (lot_id, first_position, state, queue,"
    "   isolation_group, reason, due_in_us, beginning)"
    " where l.shard = $1 and l.lot_id = k.lot_id and l.first_position = k.first_position"
    "   and l.state <> 2"};

constexpr Statement kInsertTransitions = {
    "insert_transitions",
    "insert into transition (shard, lot_id, transition_id, first_position, last_position,"
    "   event_count, from_state, to_state, reason, verdict_source, snap_reason, actor)"
    " select $1, k.*, $12 from unnest($2::bigint[], $3::uuid[], $4::smallint[], $5::smallint[],"
    "   $6::int[], $7::smallint[], $8::smallint[], $9::text[], $10::smallint[], $11::text[]) k"};

// 0: none; 1: in the window it has; 2: in a new one.
int16_t BeginningOf(const SliceMove& move) {
  if (!move.new_beginning.has_value()) return 0;
  return move.new_beginning->new_window ? 2 : 1;
}

void UpdateSlices(Connection& connection, int32_t shard, absl::Span<const SliceMove> moves) {
  std::vector<int64_t> lot_ids, due_in_us;
  std::vector<int16_t> firsts, states, queues, beginnings;
  std::vector<std::optional<Uuid>> groups;
  std::vector<std::string> reasons;
  for (const SliceMove& move : moves) {
    lot_ids.push_back(move.key.lot_id);
    firsts.push_back(move.key.first_position);
    states.push_back(static_cast<int16_t>(move.to_state));
    queues.push_back(static_cast<int16_t>(move.queue));
    groups.push_back(move.isolation_group);
    reasons.push_back(move.reason);
    due_in_us.push_back(move.new_beginning ? absl::ToInt64Microseconds(move.new_beginning->due_in)
                                           : 0);
    beginnings.push_back(BeginningOf(move));
  }
  Parameters parameters;
  parameters.Int4(shard).Int8Array(lot_ids).Int2Array(firsts).Int2Array(states);
  parameters.Int2Array(queues).OptionalUuidArray(groups).TextArray(reasons);
  connection.Execute(kMoveSlices, parameters.Int8Array(due_in_us).Int2Array(beginnings));
}

void InsertTransitions(Connection& connection, int32_t shard, absl::Span<const SliceMove> moves,
                       std::string_view actor) {
  std::vector<int64_t> lot_ids;
  std::vector<Uuid> ids;
  std::vector<int16_t> firsts, lasts, from_states, to_states, verdict_sources;
  std::vector<int32_t> event_counts;
  std::vector<std::string> reasons, snap_reasons;
  for (const SliceMove& move : moves) {
    lot_ids.push_back(move.key.lot_id);
    ids.push_back(RandomUuid());
    firsts.push_back(move.key.first_position);
    lasts.push_back(move.last_position);
    event_counts.push_back(move.event_count);
    from_states.push_back(static_cast<int16_t>(move.from_state));
    to_states.push_back(static_cast<int16_t>(move.to_state));
    reasons.push_back(move.reason);
    verdict_sources.push_back(static_cast<int16_t>(move.verdict_source));
    snap_reasons.push_back(move.snap_reason);
  }
  Parameters parameters;
  parameters.Int4(shard).Int8Array(lot_ids).UuidArray(ids).Int2Array(firsts).Int2Array(lasts);
  parameters.Int4Array(event_counts).Int2Array(from_states).Int2Array(to_states);
  parameters.TextArray(reasons).Int2Array(verdict_sources).TextArray(snap_reasons);
  connection.Execute(kInsertTransitions, parameters.Text(actor));
}

}  // namespace

void CutSlice(Connection& connection, int32_t shard, const SliceKey& slice,
              const std::vector<SlicePart>& parts) {
  if (parts.size() < 2) return;
  for (size_t i = 1; i < parts.size(); ++i) {
    connection.Execute(kCopySlice, Parameters()
                                       .Int4(shard)
                                       .Int8(slice.lot_id)
                                       .Int2(slice.first_position)
                                       .Int2(parts[i].first_position)
                                       .Int2(parts[i].last_position)
                                       .Int4(parts[i].event_count)
                                       .Int4(parts[i].json_bytes)
                                       .Bytes(parts[i].rollup)
                                       .Time(parts[i].oldest_event_time));
  }
  connection.Execute(kShrinkSlice, Parameters()
                                       .Int4(shard)
                                       .Int8(slice.lot_id)
                                       .Int2(slice.first_position)
                                       .Int2(parts[0].last_position)
                                       .Int4(parts[0].event_count)
                                       .Int4(parts[0].json_bytes)
                                       .Bytes(parts[0].rollup)
                                       .Time(parts[0].oldest_event_time));
}

void MoveSlices(Connection& connection, int32_t shard, absl::Span<const SliceMove> moves,
                std::string_view actor) {
  if (moves.empty()) return;
  UpdateSlices(connection, shard, moves);
  std::vector<SliceMove> recorded;
  for (const SliceMove& move : moves) {
    if (move.from_state != move.to_state || move.always_recorded) recorded.push_back(move);
  }
  if (!recorded.empty()) InsertTransitions(connection, shard, recorded, actor);
}

void InsertTransition(Connection& connection, int32_t shard, const SliceMove& move,
                      std::string_view actor) {
  InsertTransitions(connection, shard, {&move, 1}, actor);
}

}  // namespace snapledger::storage
