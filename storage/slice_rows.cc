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
    "   exceptional_state, state_reason)"
    " select shard, lot_id, $4, $5, $6, $7, $8, $9, fence, next_attempt_time, received_time,"
    "   lease_end_time, first_sent_time, in_doubt_since, final_time, attempt_count, state, queue,"
    "   definite_failures, vanished_owners, last_attempt_id, isolation_group, isolation_stage,"
    "   exceptional_state, state_reason"
    " from lot where shard = $1 and lot_id = $2 and first_position = $3"};

constexpr Statement kMoveSlice = {
    "move_slice",
    "update lot set state = $4, queue = $5, isolation_group = $6, state_reason = $7,"
    "   final_time = case when $4::smallint >= 4 then now() end,"
    "   exceptional_state = case when $4::smallint > 4 or ($4::smallint < 4 and $5::smallint = 0)"
    "     then $4 end"
    " where shard = $1 and lot_id = $2 and first_position = $3 and state <> 2"};

constexpr Statement kInsertTransition = {
    "insert_transition",
    "insert into transition (shard, lot_id, transition_id, first_position, last_position,"
    "   event_count, from_state, to_state, reason, actor, verdict_source, snap_reason)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};

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

void MoveSlice(Connection& connection, int32_t shard, const SliceMove& move,
               std::string_view actor) {
  connection.Execute(kMoveSlice, Parameters()
                                     .Int4(shard)
                                     .Int8(move.key.lot_id)
                                     .Int2(move.key.first_position)
                                     .Int2(static_cast<int16_t>(move.to_state))
                                     .Int2(static_cast<int16_t>(move.queue))
                                     .OptionalUuid(move.isolation_group)
                                     .Text(move.reason));
  if (move.from_state != move.to_state) InsertTransition(connection, shard, move, actor);
}

void InsertTransition(Connection& connection, int32_t shard, const SliceMove& move,
                      std::string_view actor) {
  connection.Execute(kInsertTransition, Parameters()
                                            .Int4(shard)
                                            .Int8(move.key.lot_id)
                                            .UuidValue(RandomUuid())
                                            .Int2(move.key.first_position)
                                            .Int2(move.last_position)
                                            .Int4(move.event_count)
                                            .Int2(static_cast<int16_t>(move.from_state))
                                            .Int2(static_cast<int16_t>(move.to_state))
                                            .Text(move.reason)
                                            .Text(actor)
                                            .Int2(static_cast<int16_t>(move.verdict_source))
                                            .Text(move.snap_reason));
}

}  // namespace snapledger::storage
