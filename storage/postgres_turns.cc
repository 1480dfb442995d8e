// Which shards have work, and turns to send without a claim.

#include <algorithm>

#include "storage/postgres_ledger.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kIsDue = {
    "is_due",
    "select 1 from unnest(array[1, 2, 3]::smallint[]) q (queue)"
    " cross join lateral (select 1 from lot l where l.shard = $1 and l.queue = q.queue"
    "   and l.queue > 0 and l.next_attempt_time <= now() limit 1) due limit 1"};

constexpr Statement kTakeTurn = {
    "take_turn",
    "update shard g set last_send_time = greatest(now(),"
    "   g.last_send_time + $2 * (d.lane_count / p.rate_share))"
    " from shard s join destination d on d.destination_number = s.destination_number"
    " join pace p on p.destination_number = s.destination_number"
    " where s.shard = $1 and g.destination_number = s.destination_number"
    "   and g.lane = s.lane % d.lane_count and not g.paused and p.breaker_state = 0"
    "   and not exists (select 1 from shard o"
    "     where o.destination_number = s.destination_number and o.shut_until > now())"
    " returning (extract(epoch from g.last_send_time - now()))::float8"};

}  // namespace

absl::StatusOr<std::vector<int32_t>> PostgresLedger::DueShards(absl::Span<const int32_t> shards) {
  return WithConnection(delivery_pool_, [&](Connection& connection) {
    std::vector<int32_t> due;
    for (const int32_t shard : shards) {
      if (connection.Execute(kIsDue, Parameters().Int4(shard)).row_count() > 0) {
        due.push_back(shard);
      }
    }
    return due;
  });
}

absl::StatusOr<std::optional<absl::Duration>> PostgresLedger::TakeTurn(
    int32_t shard, absl::Duration send_interval) {
  return WithConnection(
      delivery_pool_, [&](Connection& connection) -> std::optional<absl::Duration> {
        const Result turn =
            connection.Execute(kTakeTurn, Parameters().Int4(shard).Interval(send_interval));
        if (turn.row_count() == 0) return std::nullopt;
        return std::max(absl::ZeroDuration(), absl::Seconds(turn.Float8(0, 0)));
      });
}

}  // namespace snapledger::storage
