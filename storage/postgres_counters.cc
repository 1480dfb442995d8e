// Counts that are exact at every moment without a counter being written on the hot path: the
// append-only facts (lots by time of receipt, attempts by time of sending and recording,
// transitions by time) are folded into counter rows up to a moment no running transaction can still
// add before; what is younger is summed from the facts themselves, in the same snapshot.

#include <algorithm>
#include <map>
#include <utility>

#include "storage/change_store.h"
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
// that left an attempt by a transition of their own are counted by that.
constexpr Statement kStateChanges = {
    "state_changes",
    "select c.state, sum(c.n)::bigint from ("
    "   select case when state = 10 then 10 else 1 end::smallint as state, event_count as n"
    "     from lot where shard = $1 and received_time > $2 and received_time <= $3"
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

constexpr Statement kCoverageCounters = {
    "coverage_counters",
    "select hour, name_label, source_label, action_source, supplied, usable, event_count"
    " from coverage_counter"
    " where shard = $1 and stage = $2 and hour >= $3 and hour < $4"};

// Suppressed events are in no denominator.
constexpr Statement kRecordedRollups = {
    "recorded_rollups",
    "select received_time, rollup from lot"
    " where shard = $1 and received_time > $2 and received_time <= $3 and state <> 10"};

constexpr Statement kDeliveredRollups = {
    "delivered_rollups",
    "select l.received_time, l.rollup from attempt a"
    " join batch b on b.shard = a.shard and b.batch_id = a.batch_id"
    " cross join lateral unnest(b.lot_ids, b.first_positions) k (lot_id, first_position)"
    " join lot l on l.lot_id = k.lot_id and l.first_position = k.first_position"
    " where a.shard = $1 and a.recorded_time > $2 and a.recorded_time <= $3 and a.to_state = 4"
    "   and l.shard = $1"
    " union all select l.received_time, l.rollup from transition t"
    " join lot l on l.lot_id = t.lot_id and l.first_position = t.first_position"
    " where t.shard = $1 and t.transition_time > $2 and t.transition_time <= $3"
    "   and t.to_state = 4 and l.shard = $1"};

constexpr Statement kRangeRollups = {
    "range_rollups",
    "select received_time, rollup from lot"
    " where shard = $1 and received_time >= $2 and received_time < $3"
    "   and ((not $4 and state <> 10) or ($4 and state = 4))"};

constexpr Statement kAddCoverage = {
    "add_coverage",
    "insert into coverage_counter (shard, stage, hour, name_label, source_label, action_source,"
    "   supplied, usable, event_count)"
    " select $1, $2, k.* from unnest($3::timestamptz[], $4::int[], $5::int[], $6::smallint[],"
    "   $7::int[], $8::int[], $9::bigint[]) k"
    " on conflict (shard, stage, hour, name_label, source_label, action_source, supplied, usable)"
    " do update set event_count = coverage_counter.event_count + excluded.event_count"};

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

absl::Time HourOf(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time) / 3600 * 3600);
}

using CoverageByHour = std::map<absl::Time, Rollup>;

void AddRollups(const Result& rows, CoverageByHour* coverage) {
  for (int row = 0; row < rows.row_count(); ++row) {
    const absl::Status added =
        AddPackedRollup(rows.Bytes(row, 1), 1, &(*coverage)[HourOf(rows.Time(row, 0))]);
    if (!added.ok()) throw StatusError(added);
  }
}

CoverageByHour TailCoverage(Connection& connection, int32_t shard, CoverageStage stage,
                            absl::Time after, absl::Time through) {
  CoverageByHour coverage;
  const Statement& statement =
      stage == CoverageStage::kRecorded ? kRecordedRollups : kDeliveredRollups;
  AddRollups(connection.Execute(statement, Range(shard, after, through)), &coverage);
  return coverage;
}

void AddRange(Connection& connection, int32_t shard, CoverageStage stage, absl::Time start,
              absl::Time end, CoverageByHour* coverage) {
  if (start >= end) return;
  AddRollups(connection.Execute(kRangeRollups,
                                Range(shard, start, end).Bool(stage == CoverageStage::kDelivered)),
             coverage);
}

void AddCounters(Connection& connection, int32_t shard, CoverageStage stage, absl::Time start,
                 absl::Time end, CoverageByHour* coverage) {
  const Result rows = connection.Execute(
      kCoverageCounters,
      Parameters().Int4(shard).Int2(static_cast<int16_t>(stage)).Time(start).Time(end));
  for (int row = 0; row < rows.row_count(); ++row) {
    const RollupKey key = {.name_label = rows.Int4(row, 1),
                           .source_label = rows.Int4(row, 2),
                           .action_source = rows.Int2(row, 3),
                           .supplied = static_cast<uint16_t>(rows.Int4(row, 4)),
                           .usable = static_cast<uint16_t>(rows.Int4(row, 5))};
    (*coverage)[rows.Time(row, 0)][key] += rows.Int8(row, 6);
  }
}

std::vector<HourCoverage> ToVector(CoverageByHour coverage) {
  std::vector<HourCoverage> hours;
  for (auto& [hour, rollup] : coverage) hours.push_back({hour, std::move(rollup)});
  return hours;
}

std::vector<HourCoverage> CoverageOn(Connection& connection, int32_t shard,
                                     const CoverageQuery& query) {
  const absl::Time start = query.start_time.value_or(absl::InfinitePast());
  const absl::Time end = query.end_time.value_or(absl::InfiniteFuture());
  // Whole hours come from the counters, what is cut off at either side from the lots.
  const bool start_cuts = query.start_time.has_value() && HourOf(start) != start;
  const absl::Time whole_start = start_cuts ? HourOf(start) + absl::Hours(1) : start;
  const absl::Time whole_end = query.end_time.has_value() ? HourOf(end) : end;
  CoverageByHour coverage;
  if (whole_start >= whole_end) {
    AddRange(connection, shard, query.stage, start, end, &coverage);
    return ToVector(std::move(coverage));
  }
  const std::optional<Progress> progress =
      ReadProgress(connection.Execute(kProgress, Parameters().Int4(shard)));
  if (!progress.has_value()) throw StatusError(absl::NotFoundError("no such shard"));
  AddCounters(connection, shard, query.stage, whole_start, whole_end, &coverage);
  for (auto& [hour, rollup] : TailCoverage(connection, shard, query.stage, progress->folded_through,
                                           absl::InfiniteFuture())) {
    if (hour < whole_start || hour >= whole_end) continue;
    for (const auto& [key, count] : rollup) coverage[hour][key] += count;
  }
  AddRange(connection, shard, query.stage, start, std::max(start, whole_start), &coverage);
  AddRange(connection, shard, query.stage, whole_end, end, &coverage);
  return ToVector(std::move(coverage));
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

int64_t FoldCoverage(Connection& connection, int32_t shard, CoverageStage stage, absl::Time after,
                     absl::Time through) {
  std::vector<absl::Time> hours;
  std::vector<int32_t> names, sources, supplied, usable;
  std::vector<int16_t> action_sources;
  std::vector<int64_t> counts;
  for (const auto& [hour, rollup] : TailCoverage(connection, shard, stage, after, through)) {
    for (const auto& [key, count] : rollup) {
      hours.push_back(hour);
      names.push_back(key.name_label);
      sources.push_back(key.source_label);
      action_sources.push_back(key.action_source);
      supplied.push_back(key.supplied);
      usable.push_back(key.usable);
      counts.push_back(count);
    }
  }
  if (hours.empty()) return 0;
  Parameters parameters;
  parameters.Int4(shard).Int2(static_cast<int16_t>(stage)).TimeArray(hours);
  parameters.Int4Array(names).Int4Array(sources).Int2Array(action_sources);
  parameters.Int4Array(supplied).Int4Array(usable).Int8Array(counts);
  connection.Execute(kAddCoverage, parameters);
  return static_cast<int64_t>(hours.size());
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

absl::StatusOr<std::vector<HourCoverage>> PostgresDeliveryStore::Coverage(
    int32_t shard, const CoverageQuery& query) {
  return RunTransaction(pool_, TransactionKind::kSnapshot, [&](Connection& connection) {
    return CoverageOn(connection, shard, query);
  });
}

absl::StatusOr<std::vector<HourCoverage>> PostgresDeliveryStore::RecountCoverage(
    int32_t shard, const CoverageQuery& query) {
  return RunTransaction(pool_, TransactionKind::kSnapshot, [&](Connection& connection) {
    CoverageByHour coverage;
    AddRange(connection, shard, query.stage, query.start_time.value_or(absl::InfinitePast()),
             query.end_time.value_or(absl::InfiniteFuture()), &coverage);
    return ToVector(std::move(coverage));
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
    FoldResult result = {.behind = through < latest};
    for (const CoverageStage stage : {CoverageStage::kRecorded, CoverageStage::kDelivered}) {
      result.rows += FoldCoverage(connection, shard, stage, after, through);
    }
    connection.Execute(kSetProgress, Parameters().Int4(shard).Time(through));
    return result;
  });
}

}  // namespace snapledger::storage
