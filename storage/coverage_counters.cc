// Coverage is counted twice over, by hours and by days, so that a long range costs its days. A row
// holds every set of identifiers of one name, source and action source: a fold rewrites those it
// has something for, a question reads few rows.

#include "storage/coverage_counters.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/types/span.h"
#include "storage/rollup.h"
#include "storage/sql_error.h"

namespace snapledger::storage {
namespace {

constexpr Statement kFoldedThrough = {"coverage_folded_through",
                                      "select folded_through from counter_progress"
                                      " where shard = $1"};

constexpr Statement kCounters = {
    "coverage_counters",
    "select period_start, name_label, source_label, action_source, sets from coverage_rollup"
    " where shard = $1 and stage = $2 and grain = $3 and period_start >= $4 and period_start < $5"};

constexpr Statement kCountersToFold = {
    "coverage_counters_to_fold",
    "select r.period_start, r.name_label, r.source_label, r.action_source, r.sets"
    " from unnest($4::timestamptz[], $5::int[], $6::int[], $7::smallint[])"
    "   k (period_start, name_label, source_label, action_source)"
    " join coverage_rollup r on r.period_start = k.period_start and r.name_label = k.name_label"
    "   and r.source_label = k.source_label and r.action_source = k.action_source"
    " where r.shard = $1 and r.stage = $2 and r.grain = $3"};

constexpr Statement kWriteCounters = {
    "write_coverage_counters",
    "insert into coverage_rollup (shard, stage, grain, period_start, name_label, source_label,"
    "   action_source, sets)"
    " select $1, $2, $3, k.*"
    " from unnest($4::timestamptz[], $5::int[], $6::int[], $7::smallint[], $8::bytea[]) k"
    " on conflict (shard, stage, grain, period_start, name_label, source_label, action_source)"
    " do update set sets = excluded.sets"};

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

constexpr CoverageGrain kGrains[] = {CoverageGrain::kHour, CoverageGrain::kDay};

absl::Duration LengthOf(CoverageGrain grain) {
  return grain == CoverageGrain::kHour ? absl::Hours(1) : absl::Hours(24);
}

// The start of the hour or day that holds `time`; infinite times stay.
absl::Time PeriodOf(CoverageGrain grain, absl::Time time) {
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), LengthOf(grain));
}

// The first hour or day that begins at `time` or later.
absl::Time NextPeriod(CoverageGrain grain, absl::Time time) {
  return absl::UnixEpoch() + absl::Ceil(time - absl::UnixEpoch(), LengthOf(grain));
}

using SumsByPeriod = std::map<absl::Time, RollupSums>;
using CoverageByPeriod = std::map<absl::Time, Rollup>;

// What one question gathers.
struct Gathered {
  CoverageGrain grain = CoverageGrain::kHour;
  std::map<absl::Time, RollupCounts> periods;

  RollupCounts& Of(absl::Time time) { return periods[PeriodOf(grain, time)]; }
};

// The rows are time and packed rollup.
SumsByPeriod SumOf(const Result& rows, CoverageGrain grain) {
  SumsByPeriod sums;
  for (int row = 0; row < rows.row_count(); ++row) {
    const absl::Status added =
        AddPackedRollup(rows.Bytes(row, 1), &sums[PeriodOf(grain, rows.Time(row, 0))]);
    if (!added.ok()) throw StatusError(added);
  }
  return sums;
}

void Gather(const SumsByPeriod& sums, Gathered* gathered) {
  for (const auto& [start, of_period] : sums) {
    RollupCounts& counts = gathered->Of(start);
    counts.insert(counts.end(), of_period.begin(), of_period.end());
  }
}

SumsByPeriod FactsBetween(Connection& connection, int32_t shard, CoverageStage stage,
                          absl::Time after, absl::Time through) {
  const Statement& statement =
      stage == CoverageStage::kRecorded ? kRecordedRollups : kDeliveredRollups;
  return SumOf(connection.Execute(statement, Parameters().Int4(shard).Time(after).Time(through)),
               CoverageGrain::kHour);
}

// From the slices received in the range.
void GatherSlices(Connection& connection, int32_t shard, CoverageStage stage, absl::Time start,
                  absl::Time end, Gathered* gathered) {
  if (start >= end) return;
  const Result rows = connection.Execute(
      kRangeRollups,
      Parameters().Int4(shard).Time(start).Time(end).Bool(stage == CoverageStage::kDelivered));
  Gather(SumOf(rows, gathered->grain), gathered);
}

RollupKey RowKey(const Result& rows, int row) {
  return {.name_label = rows.Int4(row, 1),
          .source_label = rows.Int4(row, 2),
          .action_source = rows.Int2(row, 3)};
}

void AppendCounters(const Result& rows, int row, RollupCounts* counts) {
  const absl::Status read = AppendPackedSets(rows.Bytes(row, 4), RowKey(rows, row), counts);
  if (!read.ok()) throw StatusError(read);
}

Parameters CountersOf(int32_t shard, CoverageStage stage, CoverageGrain grain) {
  Parameters parameters;
  parameters.Int4(shard).Int2(static_cast<int16_t>(stage)).Int2(static_cast<int16_t>(grain));
  return parameters;
}

// From the counters of the hours or days that begin in the range.
void GatherCounters(Connection& connection, int32_t shard, CoverageStage stage, CoverageGrain grain,
                    absl::Time start, absl::Time end, Gathered* gathered) {
  if (start >= end) return;
  const Result rows =
      connection.Execute(kCounters, CountersOf(shard, stage, grain).Time(start).Time(end));
  absl::Time period;
  RollupCounts* counts = nullptr;
  for (int row = 0; row < rows.row_count(); ++row) {
    const absl::Time row_period = rows.Time(row, 0);
    if (counts == nullptr || row_period != period) counts = &gathered->Of(row_period);
    period = row_period;
    AppendCounters(rows, row, counts);
  }
}

// One name, source and action source of a period, and what it adds.
struct Group {
  absl::Time period;
  RollupKey key;
  Rollup::const_iterator begin, end;
};

bool SameRow(const RollupKey& one, const RollupKey& other) {
  return one.name_label == other.name_label && one.source_label == other.source_label &&
         one.action_source == other.action_source;
}

std::vector<Group> GroupsOf(const CoverageByPeriod& coverage) {
  std::vector<Group> groups;
  for (const auto& [period, rollup] : coverage) {
    for (auto begin = rollup.begin(); begin != rollup.end();) {
      const auto end = std::find_if(begin, rollup.end(), [&](const auto& count) {
        return !SameRow(count.first, begin->first);
      });
      groups.push_back({.period = period, .key = begin->first, .begin = begin, .end = end});
      begin = end;
    }
  }
  return groups;
}

// The parameters that name rows.
Parameters RowsOf(int32_t shard, CoverageStage stage, CoverageGrain grain,
                  absl::Span<const Group> groups) {
  std::vector<absl::Time> periods;
  std::vector<int32_t> names, sources;
  std::vector<int16_t> action_sources;
  for (const Group& group : groups) {
    periods.push_back(group.period);
    names.push_back(group.key.name_label);
    sources.push_back(group.key.source_label);
    action_sources.push_back(group.key.action_source);
  }
  Parameters parameters = CountersOf(shard, stage, grain);
  parameters.TimeArray(periods).Int4Array(names).Int4Array(sources).Int2Array(action_sources);
  return parameters;
}

// Makes the counters hold what `coverage`, in periods of the grain, adds to them.
int64_t AddToCounters(Connection& connection, int32_t shard, CoverageStage stage,
                      CoverageGrain grain, CoverageByPeriod coverage) {
  const Parameters named = RowsOf(shard, stage, grain, GroupsOf(coverage));
  const Result rows = connection.Execute(kCountersToFold, named);
  for (int row = 0; row < rows.row_count(); ++row) {
    RollupCounts counts;
    AppendCounters(rows, row, &counts);
    Rollup& rollup = coverage[rows.Time(row, 0)];
    for (const auto& [key, count] : counts) rollup[key] += count;
  }
  const std::vector<Group> groups = GroupsOf(coverage);
  std::vector<std::string> sets;
  for (const Group& group : groups) sets.push_back(PackSets(RollupCounts(group.begin, group.end)));
  connection.Execute(kWriteCounters, RowsOf(shard, stage, grain, groups).BytesArray(sets));
  return static_cast<int64_t>(groups.size());
}

std::vector<CoveragePeriod> ToVector(Gathered gathered) {
  std::vector<CoveragePeriod> periods;
  for (auto& [start, counts] : gathered.periods) periods.push_back({start, std::move(counts)});
  return periods;
}

}  // namespace

std::vector<CoveragePeriod> ReadCoverage(Connection& connection, int32_t shard,
                                         const CoverageQuery& query) {
  const absl::Time start = query.start_time.value_or(absl::InfinitePast());
  const absl::Time end = query.end_time.value_or(absl::InfiniteFuture());
  Gathered gathered = {.grain = query.grain};
  // Whole hours come from the counters, what is cut off at either side from the slices.
  const absl::Time hours_start = NextPeriod(CoverageGrain::kHour, start);
  const absl::Time hours_end = PeriodOf(CoverageGrain::kHour, end);
  if (hours_start >= hours_end) {
    GatherSlices(connection, shard, query.stage, start, end, &gathered);
    return ToVector(std::move(gathered));
  }
  const Result progress = connection.Execute(kFoldedThrough, Parameters().Int4(shard));
  if (progress.row_count() == 0) throw StatusError(absl::NotFoundError("no such shard"));
  // And of those, whole periods from counters of the asked grain.
  const absl::Time whole_start = std::min(NextPeriod(query.grain, hours_start), hours_end);
  const absl::Time whole_end = std::max(PeriodOf(query.grain, hours_end), whole_start);
  const auto counters = [&](CoverageGrain grain, absl::Time from, absl::Time to) {
    GatherCounters(connection, shard, query.stage, grain, from, to, &gathered);
  };
  counters(CoverageGrain::kHour, hours_start, whole_start);
  counters(query.grain, whole_start, whole_end);
  counters(CoverageGrain::kHour, whole_end, hours_end);
  SumsByPeriod tail =
      FactsBetween(connection, shard, query.stage, progress.Time(0, 0), absl::InfiniteFuture());
  tail.erase(tail.begin(), tail.lower_bound(hours_start));
  tail.erase(tail.lower_bound(hours_end), tail.end());
  Gather(tail, &gathered);
  GatherSlices(connection, shard, query.stage, start, hours_start, &gathered);
  GatherSlices(connection, shard, query.stage, hours_end, end, &gathered);
  return ToVector(std::move(gathered));
}

std::vector<CoveragePeriod> RecountCoverage(Connection& connection, int32_t shard,
                                            const CoverageQuery& query) {
  Gathered gathered = {.grain = query.grain};
  GatherSlices(connection, shard, query.stage, query.start_time.value_or(absl::InfinitePast()),
               query.end_time.value_or(absl::InfiniteFuture()), &gathered);
  return ToVector(std::move(gathered));
}

int64_t FoldCoverage(Connection& connection, int32_t shard, absl::Time after, absl::Time through) {
  int64_t rows = 0;
  for (const CoverageStage stage : {CoverageStage::kRecorded, CoverageStage::kDelivered}) {
    const SumsByPeriod hours = FactsBetween(connection, shard, stage, after, through);
    if (hours.empty()) continue;
    for (const CoverageGrain grain : kGrains) {
      CoverageByPeriod coverage;
      for (const auto& [hour, sums] : hours) {
        Rollup& period = coverage[PeriodOf(grain, hour)];
        for (const auto& [key, count] : sums) period[key] += count;
      }
      rows += AddToCounters(connection, shard, stage, grain, std::move(coverage));
    }
  }
  return rows;
}

}  // namespace snapledger::storage
