#include "storage/late_success.h"

#include <string>

#include "storage/slice_rows.h"

namespace snapledger::storage {
namespace {

constexpr char kReason[] = "LATE_ANSWER";

// Locked by a statement of its own: whoever cuts one of these meanwhile holds its lock, and the
// statement after this one sees the parts.
constexpr Statement kLockSent = {
    "lock_sent",
    "select 1 from attempt a, batch b,"
    "   unnest(b.lot_ids, b.first_positions, b.last_positions) k (lot_id, first, last), lot l"
    " where a.shard = $1 and a.attempt_id = $2 and b.shard = $1 and b.batch_id = a.batch_id"
    "   and l.shard = $1 and l.lot_id = k.lot_id and l.first_position >= k.first"
    "   and l.last_position <= k.last and l.state in (2, 3)"
    " order by l.lot_id, l.first_position for update of l"};

constexpr Statement kTakeLateSuccess = {
    "take_late_success",
    "update lot l set late_success = true, state = case when l.state = 3 then 4 else 2 end,"
    "   queue = 0, exceptional_state = null,"
    "   isolation_group = case when l.state = 3 then null else l.isolation_group end,"
    "   final_time = case when l.state = 3 then now() end,"
    "   state_reason = case when l.state = 3 then 'LATE_ANSWER' else l.state_reason end"
    " from attempt a, batch b,"
    "   unnest(b.lot_ids, b.first_positions, b.last_positions) k (lot_id, first, last)"
    " where a.shard = $1 and a.attempt_id = $2 and b.shard = $1 and b.batch_id = a.batch_id"
    "   and l.shard = $1 and l.lot_id = k.lot_id and l.first_position >= k.first"
    "   and l.last_position <= k.last and l.state in (2, 3)"
    " returning l.lot_id, l.first_position, l.last_position, l.event_count, l.state"};

// Only what was sent again can be marked.
constexpr Statement kLockTaken = {
    "lock_taken",
    "select l.lot_id, l.first_position, l.last_position, l.event_count, l.late_success"
    " from attempt a, batch b, unnest(b.lot_ids, b.first_positions) k (lot_id, first), lot l"
    " where a.shard = $1 and a.attempt_id = $2 and a.from_state = 3 and b.shard = $1"
    "   and b.batch_id = a.batch_id and l.shard = $1 and l.lot_id = k.lot_id"
    "   and l.first_position = k.first and l.state = 2 and l.last_attempt_id = $2"
    " order by l.lot_id, l.first_position for update of l"};

constexpr Statement kDeliverMarked = {
    "deliver_marked",
    "update lot l set state = 4, state_reason = 'LATE_ANSWER', lease_end_time = null,"
    "   final_time = now(), isolation_group = null, isolation_stage = 0, vanished_owners = 0"
    " from unnest($2::bigint[], $3::smallint[]) k (lot_id, first_position)"
    " where l.shard = $1 and l.lot_id = k.lot_id and l.first_position = k.first_position"};

constexpr Statement kSetLeftCount = {
    "set_left_count", "update attempt set left_count = $3 where shard = $1 and attempt_id = $2"};

void WriteTransition(Connection& connection, int32_t shard, const Result& row, int at,
                     DeliveryState from_state) {
  InsertTransition(connection, shard,
                   {.key = {.lot_id = row.Int8(at, 0), .first_position = row.Int2(at, 1)},
                    .last_position = row.Int2(at, 2),
                    .event_count = row.Int4(at, 3),
                    .from_state = from_state,
                    .to_state = DeliveryState::kDelivered,
                    .reason = kReason,
                    .verdict_source = VerdictSource::kLive},
                   "dispatcher");
}

}  // namespace

void TakeLateSuccess(Connection& connection, int32_t shard, const Uuid& attempt_id) {
  const Parameters attempt = Parameters().Int4(shard).UuidValue(attempt_id);
  connection.Execute(kLockSent, attempt);
  const Result taken = connection.Execute(kTakeLateSuccess, attempt);
  for (int row = 0; row < taken.row_count(); ++row) {
    const bool delivered = taken.Int2(row, 4) == static_cast<int16_t>(DeliveryState::kDelivered);
    if (delivered) WriteTransition(connection, shard, taken, row, DeliveryState::kInDoubt);
  }
}

DeliveredLate DeliverMarked(Connection& connection, int32_t shard, const Uuid& attempt_id) {
  const Result taken =
      connection.Execute(kLockTaken, Parameters().Int4(shard).UuidValue(attempt_id));
  DeliveredLate delivered;
  std::vector<int64_t> lot_ids;
  std::vector<int16_t> firsts;
  for (int row = 0; row < taken.row_count(); ++row) {
    if (!taken.Bool(row, 4)) continue;
    WriteTransition(connection, shard, taken, row, DeliveryState::kInFlight);
    lot_ids.push_back(taken.Int8(row, 0));
    firsts.push_back(taken.Int2(row, 1));
    delivered.slices.push_back({.lot_id = lot_ids.back(), .first_position = firsts.back()});
    delivered.event_count += taken.Int4(row, 3);
  }
  if (!lot_ids.empty()) {
    connection.Execute(kDeliverMarked,
                       Parameters().Int4(shard).Int8Array(lot_ids).Int2Array(firsts));
  }
  return delivered;
}

void SetLeftCount(Connection& connection, int32_t shard, const Uuid& attempt_id, int32_t count) {
  connection.Execute(kSetLeftCount, Parameters().Int4(shard).UuidValue(attempt_id).Int4(count));
}

}  // namespace snapledger::storage
