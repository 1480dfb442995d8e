#include "tests/faulty/damage.h"

#include <utility>
#include <vector>

#include "storage/transaction.h"

namespace snapledger::faulty {
namespace {

using storage::Connection;
using storage::Parameters;
using storage::Statement;

constexpr Statement kLowerLotFences = {
    "damage_lower_lot_fences",
    "update lot set fence = fence - 1 where shard = $1 and last_attempt_id = $2"};

constexpr Statement kLowerBatchFences = {
    "damage_lower_batch_fences",
    "update batch set fences = array(select f - 1 from unnest(fences) with ordinality u (f, o)"
    "   order by o) where shard = $1 and batch_id = $2"};

constexpr Statement kCount = {
    "damage_count",
    "insert into state_counter (shard, state, event_count) values ($1, 1, $2)"
    " on conflict (shard, state) do update"
    "   set event_count = state_counter.event_count + excluded.event_count"};

constexpr Statement kReopenSlices = {
    "damage_reopen_slices",
    "update lot set state = 1, queue = 1, in_doubt_since = null, first_sent_time = null"
    " where shard = $1 and state = 3 and queue = 2 and state_reason = 'OWNER_VANISHED'"};

constexpr Statement kReopenAttempts = {
    "damage_reopen_attempts",
    "update attempt set to_state = 1"
    " where shard = $1 and state_reason = 'OWNER_VANISHED' and to_state = 3"};

constexpr Statement kCancel = {"damage_cancel",
                               "update lot set state = 9, exceptional_state = 9"
                               " where shard = $1 and last_attempt_id = $2 and state = 4"};

constexpr Statement kLose = {
    "damage_lose", "delete from lot where shard = $1 and lot_id = $2 and first_position = $3"};

constexpr Statement kEditAudit = {"damage_edit_audit",
                                  "update audit_entry set actor = 'nobody' where sequence = 1"};

void Write(storage::ConnectionPool& pool, const std::vector<Connection::Call>& calls) {
  const absl::StatusOr<bool> written =
      storage::WithConnection(pool, [&calls](Connection& connection) {
        connection.ExecutePipeline(calls);
        return true;
      });
  static_cast<void>(written);
}

}  // namespace

void Damage::LowerFences(const storage::ClaimRequest& claim) {
  const Parameters shard = Parameters().Int4(claim.shard);
  Parameters attempt = shard, batch = shard;
  Write(pool_, {{&kLowerLotFences, attempt.UuidValue(claim.attempt_id)},
                {&kLowerBatchFences, batch.UuidValue(claim.batch_id)}});
}

void Damage::CountAppended(absl::Span<const storage::NewLot> lots) {
  std::vector<Connection::Call> calls;
  for (const storage::NewLot& lot : lots) {
    calls.push_back(
        {&kCount, Parameters().Int4(lot.shard).Int8(static_cast<int64_t>(lot.events.size()))});
  }
  Write(pool_, calls);
}

void Damage::ReapedToPending(int32_t shard) {
  const Parameters by_shard = Parameters().Int4(shard);
  Write(pool_, {{&kReopenSlices, by_shard}, {&kReopenAttempts, by_shard}});
}

void Damage::CancelDelivered(const storage::RecordRequest& recorded) {
  Write(pool_, {{&kCancel, Parameters().Int4(recorded.shard).UuidValue(recorded.attempt_id)}});
}

void Damage::LoseSlice(const storage::RecordRequest& recorded) {
  const storage::SliceKey& key = recorded.slices.front().key;
  Write(pool_,
        {{&kLose, Parameters().Int4(recorded.shard).Int8(key.lot_id).Int2(key.first_position)}});
}

void Damage::EditAudit() { Write(pool_, {{&kEditAudit, Parameters()}}); }

}  // namespace snapledger::faulty
