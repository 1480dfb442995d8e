#include "services/matchrate/coverage_reader.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "services/base/status_macros.h"

namespace snapledger::matchrate {
namespace {

constexpr int64_t kSecondsADay = 86400;

bool Wanted(const std::vector<std::string>& wanted, std::string_view text) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), text) != wanted.end();
}

absl::Time PeriodOf(const CoverageSelection& selection, absl::Time hour) {
  if (selection.by_hour) return hour;
  if (!selection.by_day) return absl::InfinitePast();
  return absl::FromUnixSeconds(absl::ToUnixSeconds(hour) / kSecondsADay * kSecondsADay);
}

}  // namespace

absl::StatusOr<CoverageGroups> CoverageReader::Read(const std::vector<int32_t>& shards,
                                                    const CoverageSelection& selection) {
  const storage::CoverageQuery query = {
      .stage = selection.stage, .start_time = selection.start_time, .end_time = selection.end_time};
  CoverageGroups groups;
  for (const int32_t shard : shards) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<storage::HourCoverage> hours,
                                selection.recount ? deliveries_.RecountCoverage(shard, query)
                                                  : deliveries_.Coverage(shard, query));
    for (const storage::HourCoverage& hour : hours) {
      for (const auto& [key, count] : hour.rollup) {
        SNAPLEDGER_ASSIGN_OR_RETURN(std::string name, labels_.Text(key.name_label));
        SNAPLEDGER_ASSIGN_OR_RETURN(std::string source, labels_.Text(key.source_label));
        if (!Wanted(selection.event_names, name) || !Wanted(selection.sources, source)) continue;
        CoverageGroup group{.action_source = selection.by_action_source ? key.action_source : 0,
                            .period_start = PeriodOf(selection, hour.hour)};
        if (selection.by_event_name) group.event_name = std::move(name);
        if (selection.by_source) group.source = std::move(source);
        groups[std::move(group)].Add(key.supplied, key.usable, count);
      }
    }
  }
  return groups;
}

absl::StatusOr<CoverageCounts> CoverageReader::ReadTotal(const std::vector<int32_t>& shards,
                                                         const CoverageSelection& selection) {
  CoverageSelection whole = selection;
  whole.by_event_name = whole.by_source = whole.by_action_source = false;
  whole.by_hour = whole.by_day = false;
  SNAPLEDGER_ASSIGN_OR_RETURN(CoverageGroups groups, Read(shards, whole));
  return groups.empty() ? CoverageCounts{} : std::move(groups.begin()->second);
}

}  // namespace snapledger::matchrate
