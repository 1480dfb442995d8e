#include "services/matchrate/coverage_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "services/base/log.h"
#include "services/base/status_macros.h"
#include "services/matchrate/coverage_alert.h"
#include "services/matchrate/matching_keys.h"
#include "services/matchrate/utc_period.h"

namespace snapledger::matchrate {
namespace {

constexpr absl::Duration kHistory = absl::Hours(28 * 24);

using Periods = std::map<absl::Time, PeriodCoverage>;

// Hours put together to periods of that length.
Periods PeriodsOf(const std::map<absl::Time, const CoverageCounts*>& hours,
                  event::IdentifierKind kind, absl::Duration length) {
  Periods periods;
  for (const auto& [hour, counts] : hours) {
    const absl::Time start = StartOf(hour, length);
    PeriodCoverage& period = periods[start];
    period.start = start;
    period.events += counts->events;
    period.usable += counts->usable[static_cast<size_t>(kind)];
  }
  return periods;
}

// Of the last whole period before `end`.
CoverageFinding Check(const Periods& periods, absl::Time end, absl::Duration length) {
  const auto latest = periods.find(StartOf(end, length) - length);
  if (latest == periods.end()) return {};
  std::vector<PeriodCoverage> history;
  for (auto period = periods.begin(); period != latest; ++period) {
    history.push_back(period->second);
  }
  return CheckCoverage(history, latest->second);
}

}  // namespace

void CoverageWatch::RunOnce() {
  const absl::Time hour = StartOf(clock_.Now(), kHour);
  const std::vector<destinations::DestinationPtr> destinations = directory_.List();
  std::map<std::string, Watched> kept;
  for (const destinations::DestinationPtr& destination : destinations) {
    const std::string& id = destination->stored.destination_id;
    Watched& watched = kept[id] = std::move(watched_[id]);
    if (watched.hour == hour) continue;
    const absl::Status looked = Look(*destination, hour, &watched);
    if (looked.ok()) continue;
    base::Log(base::Severity::kWarning, "coverage could not be watched and will be tried again",
              {{"destination", id}, {"error", looked.ToString()}});
  }
  watched_ = std::move(kept);
  ShowGauges();
}

absl::Status CoverageWatch::Look(const destinations::ActiveDestination& destination,
                                 absl::Time hour, Watched* watched) {
  SNAPLEDGER_ASSIGN_OR_RETURN(
      const CoverageGroups groups,
      coverage_.Read(destination.stored.shards, {.start_time = StartOf(hour, kDay) - kHistory,
                                                 .end_time = hour,
                                                 .by_event_name = true,
                                                 .by_source = true,
                                                 .by_hour = true}));
  std::map<std::pair<std::string, std::string>, std::map<absl::Time, const CoverageCounts*>> scopes;
  for (const auto& [group, counts] : groups) {
    scopes[{group.event_name, group.source}][group.period_start] = &counts;
  }
  std::set<Scope> fallen;
  for (const auto& [name, hours] : scopes) {
    for (const event::IdentifierKind kind : MatchingKeys()) {
      CoverageFinding finding = Check(PeriodsOf(hours, kind, kHour), hour, kHour);
      if (finding.verdict != CoverageVerdict::kFallen) {
        finding = Check(PeriodsOf(hours, kind, kDay), hour, kDay);
      }
      if (finding.verdict != CoverageVerdict::kFallen) continue;
      const Scope scope{.event_name = name.first, .source = name.second, .kind = kind};
      fallen.insert(scope);
      if (watched->fallen.contains(scope)) continue;
      base::Log(base::Severity::kWarning, "coverage of an identifier fell against its history",
                {{"destination", destination.stored.destination_id},
                 {"event_name", scope.event_name},
                 {"source", scope.source},
                 {"identifier", IdentifierWords(kind)},
                 {"coverage", finding.coverage},
                 {"usual", finding.usual}});
    }
  }
  watched->fallen = std::move(fallen);
  watched->hour = hour;
  return absl::OkStatus();
}

void CoverageWatch::ShowGauges() {
  std::vector<base::Metrics::CoverageFall> falls;
  for (const auto& [destination, watched] : watched_) {
    for (const event::IdentifierKind kind : MatchingKeys()) {
      const auto count = std::count_if(watched.fallen.begin(), watched.fallen.end(),
                                       [kind](const Scope& scope) { return scope.kind == kind; });
      falls.push_back({.destination = destination,
                       .identifier = std::string(IdentifierWords(kind)),
                       .scopes = count});
    }
  }
  metrics_.SetCoverageFalls(falls);
}

}  // namespace snapledger::matchrate
