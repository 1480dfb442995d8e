#include "services/maintenance/maintenance.h"

#include "services/base/log.h"

namespace snapledger::maintenance {
namespace {

constexpr int kFoldStepsMax = 50;
constexpr int kReapStepsMax = 50;

void LogFailure(std::string_view duty, const absl::Status& status) {
  base::Log(base::Severity::kWarning, "a maintenance duty failed and will be tried again",
            {{"duty", duty}, {"error", status.ToString()}});
}

}  // namespace

Maintenance::Maintenance(Dependencies dependencies, Options options)
    : dependencies_(dependencies),
      options_(options),
      reaper_({.name = "reap-leases", .interval = options_.reap_interval}, [this] { ReapOnce(); }),
      compactor_({.name = "fold-counters", .interval = options_.compact_interval},
                 [this] { CompactOnce(); }),
      roller_({.name = "roll-identity", .interval = options_.roll_interval},
              [this] { RollOnce(); }) {}

void Maintenance::Stop() {
  absl::call_once(stop_once_, [this] { stop_.Notify(); });
}

void Maintenance::ReapOnce() {
  for (const destinations::DestinationPtr& destination : dependencies_.directory.List()) {
    for (const int32_t shard : destination->stored.shards) {
      // Many owners may have vanished together: a machine, not a process.
      for (int step = 0; step < kReapStepsMax; ++step) {
        const absl::StatusOr<int> reaped = dependencies_.ledger.ReapLeases(shard);
        if (!reaped.ok()) LogFailure("reap-leases", reaped.status());
        if (!reaped.ok() || *reaped == 0) break;
        base::Log(base::Severity::kWarning, "attempts without an outcome are now in doubt",
                  {{"destination", destination->stored.destination_id}, {"attempts", *reaped}});
      }
    }
  }
}

void Maintenance::CompactOnce() {
  for (const destinations::DestinationPtr& destination : dependencies_.directory.List()) {
    for (const int32_t shard : destination->stored.shards) {
      // A shard nobody folded for long catches up over several turns, beside the others.
      for (int step = 0; step < kFoldStepsMax; ++step) {
        const absl::StatusOr<storage::FoldResult> folded = dependencies_.deliveries.Compact(shard);
        if (!folded.ok()) LogFailure("fold-counters", folded.status());
        if (!folded.ok() || !folded->behind) break;
      }
    }
  }
}

void Maintenance::RollOnce() {
  const absl::StatusOr<bool> rolled =
      dependencies_.partitions.RollIfDue(options_.partition_age_max, options_.partition_rows_max);
  if (!rolled.ok()) return LogFailure("roll-identity", rolled.status());
  if (*rolled) base::Log(base::Severity::kInfo, "a new identity partition is open");
  if (stop_.HasBeenNotified()) return;
  const absl::StatusOr<bool> made = dependencies_.partitions.MakeFilter(stop_);
  if (absl::IsCancelled(made.status())) return;
  if (!made.ok()) return LogFailure("filter-identity", made.status());
  if (!*made) return;
  base::Log(base::Severity::kInfo, "a closed identity partition has its filter");
  roller_.Nudge();  // others may be without
}

}  // namespace snapledger::maintenance
