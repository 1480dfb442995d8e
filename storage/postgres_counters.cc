// Counts that are exact at every moment without a counter being written on the hot path: the
// append-only facts (lots by time of receipt, attempts by time of sending and recording,
// transitions by time) are folded into counter rows up to a moment no running transaction can still
// add before; what is younger is summed from the facts themselves, in the same snapshot.

#include <algorithm>
#include <optional>
#include <vector>

#include "storage/change_store.h"
#include "storage/coverage_counters.h"
#include "storage/postgres_deliveries.h"
#include "storage/state_counts.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

// Folded in one transaction, so that it ends in time however long nobody folded.
constexpr absl::Duration kFoldStep = absl::Minutes(10);

constexpr Statement kProgress = {
    "counter_progress", "select folded_through, now() from counter_progress where shard = $1"};

constexpr Statement kLockProgress = {
    "lock_counter_progress",
    "select folded_through, now() from counter_progress where shard = $1"
    " for update skip locked"};

constexpr Statement kHoldFolding = {
    "hold_folding", "select shard from counter_progress where shard = $1 for update"};

constexpr Statement kOldestFact = {
    "oldest_fact",
    // A lot is received before anything else happens to it.
    "select min(received_time) from lot where shard = $1 and received_time > $2"};

constexpr Statement kSetProgress = {
    "set_counter_progress", "update counter_progress set folded_through = $2 where shard = $1"};

constexpr Statement kStateCounters = {
    "state_counters", "select state, event_count from state_counter where shard = $1"};

// Every change of state counts that happened after $2 and up to $3: (state, difference). Events
// that left an attempt by a transition of their own are counted by that. Received is all the index
// of times holds; what was suppressed at once is taken away again by the index of exceptions.
constexpr Statement kStateChanges = {
    "state_changes",
    "select c.state, sum(c.n)::bigint from ("
    "   select 1::smallint as state, event_count as n"
    "     from lot where shard = $1 and received_time > $2 and received_time <= $3"
    "   union all select s.state, s.sign * l.event_count from lot l"
    "     cross join (values (1::smallint, -1), (10::smallint, 1)) s (state, sign)"
    "     where l.shard = $1 and l.exceptional_state = 10"
    "     and l.received_time > $2 and l.received_time <= $3"
    "   union all select from_state, -event_count from attempt"
    "     where shard = $1 and sent_time > $2 and sent_time <= $3"
    "   union all select 2::smallint, event_count from attempt"
    "     where shard = $1 and sent_time > $2 and sent_time <= $3"
    "   union all select 2::smallint, left_count - event_count from attempt"
    "     where shard = $1 and recorded_time > $2 and recorded_time <= $3"
    "   union all select to_state, event_count - left_count from attempt"
    "     where shard = $1 and recorded_time > $2 and recorded_time <= $3"
    "   union all select from_state, -event_count from transition"
    "     where shard = $1 and transition_time > $2 and transition_time <= $3"
    "   union all select to_state, event_count from transition"
    "     where shard = $1 and transition_time > $2 and transition_time <= $3) c group by c.state"};

constexpr Statement kAddStateCounters = {
    "add_state_counters",
    "insert into state_counter (shard, state, event_count)"
    " select $1, k.* from unnest($2::smallint[], $3::bigint[]) k"
    " on conflict (shard, state) do update"
    "   set event_count = state_counter.event_count + excluded.event_count"};

constexpr Statement kOldestPending = {
    "oldest_pending",
    // Slices that wait for their first attempt are in order of receipt; those put off are few.
    "select least("
    "  (select min(x.received_time) from (select received_time from lot where shard = $1"
    "     and queue = 1 order by next_attempt_time, lot_id, first_position limit 100) x),"
    "  (select min(x.received_time) from (select received_time from lot where shard = $1"
    "     and queue = 1 and next_attempt_time > now() limit 10000) x),"
    "  (select min(received_time) from lot where shard = $1 and queue = 3 and state = 1))"};

constexpr Statement kOldestDoubt = {
    "oldest_doubt",
    "select min(first_sent_time) from lot where shard = $1 and queue in (2, 3) and queue > 0"
    "   and state = 3"};

constexpr Statement kDeliveredSince = {
    "delivered_since",
    "select coalesce(sum(event_count) filter (where recorded_time > now() - interval '1 minute'),"
    "   0)::bigint, coalesce(sum(event_count), 0)::bigint from attempt"
    " where shard = $1 and recorded_time > now() - interval '1 hour' and to_state = 4"};

constexpr Statement kPaceOf = {
    "pace_of",
    "select p.rate_share, p.breaker_state from shard s"
    " join pace p on p.destination_number = s.destination_number where s.shard = $1"};

constexpr Statement kSetAside = {"set_aside",
                                 "select coalesce(sum(event_count), 0)::bigint from lot"
                                 " where shard = $1 and exceptional_state in (1, 3)"};

struct Progress {
  absl::Time folded_through;
  absl::Time now;
};

std::optional<Progress> ReadProgress(const Result& row) {
  if (row.row_count() == 0) return std::nullopt;
  return Progress{row.Time(0, 0), row.Time(0, 1)};
}

Parameters Range(int32_t shard, absl::Time after, absl::Time through) {
  return Parameters().Int4(shard).Time(after).Time(through);
}

void FoldStates(Connection& connection, int32_t shard, absl::Time after, absl::Time through) {
  const Result changes = connection.Execute(kStateChanges, Range(shard, after, through));
  std::vector<int16_t> states;
  std::vector<int64_t> counts;
  for (int row = 0; row < changes.row_count(); ++row) {
    states.push_back(changes.Int2(row, 0));
    counts.push_back(changes.Int8(row, 1));
  }
  connection.Execute(kAddStateCounters,
                     Parameters().Int4(shard).Int2Array(states).Int8Array(counts));
}

}  // namespace

StateCounts CountStates(Connection& connection, int32_t shard) {
  const Parameters by_shard = Parameters().Int4(shard);
  const std::optional<Progress> progress = ReadProgress(connection.Execute(kProgress, by_shard));
  if (!progress.has_value()) throw StatusError(absl::NotFoundError("no such shard"));
  StateCounts counts;
  const auto add = [&counts](const Result& rows) {
    for (int row = 0; row < rows.row_count(); ++row) {
      counts[static_cast<DeliveryState>(rows.Int2(row, 0))] += rows.Int8(row, 1);
    }
  };
  add(connection.Execute(kStateCounters, by_shard));
  add(connection.Execute(kStateChanges,
                         Range(shard, progress->folded_through, absl::InfiniteFuture())));
  return counts;
}

void HoldFolding(Connection& connection, int32_t shard) {
  connection.Execute(kHoldFolding, Parameters().Int4(shard));
}

absl::StatusOr<ShardDelivery> PostgresDeliveryStore::Delivery(int32_t shard) {
  return RunTransaction(pool_, TransactionKind::kSnapshot, [&](Connection& connection) {
    const Parameters by_shard = Parameters().Int4(shard);
    ShardDelivery delivery = {.counts = CountStates(connection, shard)};
    delivery.oldest_pending_time = connection.Execute(kOldestPending, by_shard).OptionalTime(0, 0);
    delivery.oldest_doubt_first_sent_time =
        connection.Execute(kOldestDoubt, by_shard).OptionalTime(0, 0);
    const Result delivered = connection.Execute(kDeliveredSince, by_shard);
    delivery.delivered_last_minute = delivered.Int8(0, 0);
    delivery.delivered_last_hour = delivered.Int8(0, 1);
    delivery.set_aside = connection.Execute(kSetAside, by_shard).Int8(0, 0);
    const Result pace = connection.Execute(kPaceOf, by_shard);
    delivery.rate_share = pace.Float8(0, 0);
    delivery.breaker = static_cast<BreakerState>(pace.Int2(0, 1));
    return delivery;
  });
}

absl::StatusOr<std::vector<CoveragePeriod>> PostgresDeliveryStore::Coverage(
    int32_t shard, const CoverageQuery& query) {
  return RunTransaction(pool_, TransactionKind::kSnapshot, [&](Connection& connection) {
    return ReadCoverage(connection, shard, query);
  });
}

absl::StatusOr<std::vector<CoveragePeriod>> PostgresDeliveryStore::RecountCoverage(
    int32_t shard, const CoverageQuery& query) {
  return RunTransaction(pool_, TransactionKind::kSnapshot, [&](Connection& connection) {
    return storage::RecountCoverage(connection, shard, query);
  });
}

absl::StatusOr<FoldResult> PostgresDeliveryStore::Compact(int32_t shard) {
  return RunTransaction(pool_, TransactionKind::kReadWrite, [&](Connection& connection) {
    const std::optional<Progress> progress =
        ReadProgress(connection.Execute(kLockProgress, Parameters().Int4(shard)));
    // Another process is at it.
    if (!progress.has_value()) return FoldResult{};
    const absl::Time after = progress->folded_through;
    const absl::Time latest = progress->now - kTransactionTimeMax;
    if (latest <= after) return FoldResult{};
    absl::Time start = after;
    if (start == absl::InfinitePast()) {
      start = connection.Execute(kOldestFact, Parameters().Int4(shard).Time(after))
                  .OptionalTime(0, 0)
                  .value_or(latest);
    }
    const absl::Time through = std::min(latest, start + kFoldStep);
    FoldStates(connection, shard, after, through);
    const FoldResult result = {.rows = FoldCoverage(connection, shard, after, through),
                               .behind = through < latest};
    connection.Execute(kSetProgress, Parameters().Int4(shard).Time(through));
    return result;
  });
}

}  // namespace snapledger::storage
