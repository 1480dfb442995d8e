#include "tests/checker/recount.h"

#include <map>
#include <tuple>
#include <utility>

#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "storage/postgres_deliveries.h"
#include "storage/rollup.h"
#include "storage/sql_error.h"
#include "storage/state_counts.h"

namespace snapledger::checker {
namespace {

using storage::Connection;
using storage::CoverageStage;
using storage::Parameters;
using storage::Result;
using storage::Statement;

// A service may record between two questions; an error of the counters stays.
constexpr int kQuestionsMax = 5;

constexpr Statement kStates = {
    "checker_states",
    "select state, sum(event_count)::bigint from lot where shard = $1 group by state"};

constexpr Statement kRollups = {"checker_rollups",
                                "select rollup from lot where shard = $1 and state <> 10"};

constexpr Statement kIdentityGroups = {
    "checker_identity_groups",
    "select i.name_label, i.source_label, i.usable, count(*)"
    " from identity i where i.shard = $1 and not exists ("
    "   select 1 from lot l where l.shard = $1 and l.lot_id = i.lot_id and l.state = 10)"
    " group by 1, 2, 3"};

// Name, source, usable identifiers.
using EventGroup = std::tuple<int32_t, int32_t, int32_t>;

void CompareStates(Connection& connection, int32_t shard, Report* report) {
  const storage::StateCounts counted = storage::CountStates(connection, shard);
  std::map<int16_t, int64_t> difference;
  for (const auto& [state, count] : counted) difference[static_cast<int16_t>(state)] += count;
  const Result rows = connection.Execute(kStates, Parameters().Int4(shard));
  for (int row = 0; row < rows.row_count(); ++row) {
    difference[rows.Int2(row, 0)] -= rows.Int8(row, 1);
  }
  for (const auto& [state, count] : difference) {
    if (count == 0) continue;
    report->Violation(4, base::Concat("shard ", shard, ": ",
                                      StateName(static_cast<storage::DeliveryState>(state)),
                                      " is counted ", count, " above its slices"));
  }
}

void CompareGroups(Connection& connection, int32_t shard, Report* report) {
  storage::Rollup rollup;
  const Result slices = connection.Execute(kRollups, Parameters().Int4(shard));
  for (int row = 0; row < slices.row_count(); ++row) {
    const absl::Status added = storage::AddPackedRollup(slices.Bytes(row, 0), &rollup);
    if (!added.ok()) throw storage::StatusError(added);
  }
  std::map<EventGroup, int64_t> difference;
  for (const auto& [key, count] : rollup) {
    difference[{key.name_label, key.source_label, key.usable}] += count;
  }
  const Result events = connection.Execute(kIdentityGroups, Parameters().Int4(shard));
  for (int row = 0; row < events.row_count(); ++row) {
    const auto usable = static_cast<uint16_t>(events.Int2(row, 2));
    difference[{events.Int4(row, 0), events.Int4(row, 1), usable}] -= events.Int8(row, 3);
  }
  for (const auto& [group, count] : difference) {
    if (count == 0) continue;
    report->Violation(
        4, base::Concat("shard ", shard, ": the rollups of name ", std::get<0>(group), ", source ",
                        std::get<1>(group), " hold ", count, " above its events"));
  }
}

using CoverageByPeriod = std::map<absl::Time, storage::Rollup>;

CoverageByPeriod Counts(const std::vector<storage::CoveragePeriod>& periods) {
  CoverageByPeriod coverage;
  for (const storage::CoveragePeriod& period : periods) {
    for (const auto& [key, count] : period.counts) coverage[period.start][key] += count;
  }
  for (auto& [start, rollup] : coverage) {
    std::erase_if(rollup, [](const auto& count) { return count.second == 0; });
  }
  std::erase_if(coverage, [](const auto& period) { return period.second.empty(); });
  return coverage;
}

absl::StatusOr<bool> CoverageAgrees(storage::DeliveryStore& store, int32_t shard,
                                    const storage::CoverageQuery& query) {
  for (int question = 0; question < kQuestionsMax; ++question) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const auto counted, store.Coverage(shard, query));
    SNAPLEDGER_ASSIGN_OR_RETURN(const auto recounted, store.RecountCoverage(shard, query));
    if (Counts(counted) == Counts(recounted)) return true;
  }
  return false;
}

absl::Status CompareCoverage(storage::DeliveryStore& store, int32_t shard,
                             const storage::CoverageQuery& query, Report* report) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const bool agrees, CoverageAgrees(store, shard, query));
  if (agrees) return absl::OkStatus();
  report->Violation(
      4, base::Concat("shard ", shard, ": the coverage counters of ",
                      query.grain == storage::CoverageGrain::kHour ? "hours" : "days", " and ",
                      query.stage == CoverageStage::kRecorded ? "recorded" : "delivered",
                      " events differ from the slices"));
  return absl::OkStatus();
}

}  // namespace

void Recount(Connection& connection, const Evidence& evidence, Report* report) {
  for (const auto& [shard, destination] : evidence.destination_of_shard) {
    CompareStates(connection, shard, report);
    CompareGroups(connection, shard, report);
  }
  report->Checked(4, static_cast<int64_t>(evidence.destination_of_shard.size()), "shards");
}

absl::Status RecountCoverage(storage::ConnectionPool& pool, const Evidence& evidence,
                             Report* report) {
  storage::PostgresDeliveryStore store(pool);
  for (const auto& [shard, destination] : evidence.destination_of_shard) {
    for (const CoverageStage stage : {CoverageStage::kRecorded, CoverageStage::kDelivered}) {
      for (const auto grain : {storage::CoverageGrain::kHour, storage::CoverageGrain::kDay}) {
        SNAPLEDGER_RETURN_IF_ERROR(
            CompareCoverage(store, shard, {.stage = stage, .grain = grain}, report));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace snapledger::checker
