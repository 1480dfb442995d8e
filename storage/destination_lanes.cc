#include "storage/destination_lanes.h"

#include "storage/identity_roll.h"

namespace snapledger::storage {
namespace {

constexpr Statement kInsertShards = {
    "destination_insert_shards",
    "insert into shard (destination_number, lane, last_send_time, shut_until, paused)"
    " select d.destination_number, l.lane, coalesce(max(s.last_send_time), '-infinity'),"
    "   coalesce(max(s.shut_until), '-infinity'), d.pause_kind <> 0"
    " from destination d cross join generate_series(0, $2 - 1) l (lane)"
    " left join shard s on s.destination_number = d.destination_number"
    " where d.destination_number = $1 group by d.destination_number, l.lane"
    " having coalesce(max(s.lane), -1) < l.lane order by l.lane"};

constexpr Statement kInsertProgress = {
    "destination_insert_progress",
    "insert into counter_progress (shard) select shard from shard where destination_number = $1"
    " on conflict (shard) do nothing"};

constexpr Statement kInsertPace = {"destination_insert_pace",
                                   "insert into pace (destination_number) values ($1) on conflict "
                                   "(destination_number) do nothing"};

constexpr Statement kNoteFormer = {
    "destination_note_former_lane_count",
    "insert into former_lane_count (destination_number, lane_count) values ($1, $2)"
    " on conflict (destination_number, lane_count) do update set until_time = now()"};

constexpr Statement kSetLaneCount = {
    "destination_set_lane_count",
    "update destination set lane_count = $2 where destination_number = $1"};

constexpr Statement kListShards = {
    "destination_list_shards",
    "select shard from shard where destination_number = $1 order by lane"};

}  // namespace

void EnsureShards(Connection& connection, int32_t destination_number, int32_t lane_count) {
  connection.Execute(kInsertShards, Parameters().Int4(destination_number).Int4(lane_count));
  connection.Execute(kInsertProgress, Parameters().Int4(destination_number));
  connection.Execute(kInsertPace, Parameters().Int4(destination_number));
}

void ChangeLaneCount(Connection& connection, int32_t destination_number, int32_t before,
                     int32_t after) {
  EnsureShards(connection, destination_number, after);
  AdvanceLaneEpoch(connection);
  connection.Execute(kNoteFormer, Parameters().Int4(destination_number).Int4(before));
  connection.Execute(kSetLaneCount, Parameters().Int4(destination_number).Int4(after));
}

std::vector<int32_t> ShardsOf(Connection& connection, int32_t destination_number) {
  const Result rows = connection.Execute(kListShards, Parameters().Int4(destination_number));
  std::vector<int32_t> shards;
  for (int row = 0; row < rows.row_count(); ++row) shards.push_back(rows.Int4(row, 0));
  return shards;
}

}  // namespace snapledger::storage
