#pragma once

#include <vector>

#include "storage/ledger.h"
#include "tests/simulation/in_memory_ledger.h"
#include "tests/simulation/planted_bug.h"
#include "tests/simulation/random.h"
#include "tests/simulation/scheduler.h"

namespace snapledger::simulation {

// How the database behaves; each a probability of a call.
struct DatabaseFaults {
  double unavailable = 0;     // the call fails and did nothing
  double commit_unknown = 0;  // the call did its work and the answer is lost
  double crash = 0;           // of the calling process, before or after the work
  double pause = 0;           // of the calling process, before or after the work
  absl::Duration pause_max = absl::Minutes(2);
};

// The ledger as one process reaches it: calls take time, fail, or lose their answer, and the
// process may die or be paused at either end of them. Like PostgresLedger, Claim looks an unknown
// commit up. Plants bugs of the ledger and of those who call it.
class SimulatedLedger final : public storage::Ledger {
 public:
  // The arguments must outlive this; `faults` may change meanwhile.
  SimulatedLedger(InMemoryLedger& ledger, Scheduler& scheduler, Random& random,
                  const DatabaseFaults& faults, PlantedBug bug)
      : ledger_(ledger), scheduler_(scheduler), random_(random), faults_(faults), bug_(bug) {}

  absl::StatusOr<std::vector<storage::AppendedLot>> Append(
      absl::Span<const storage::NewLot> lots) override;
  absl::StatusOr<std::vector<int32_t>> DueShards(absl::Span<const int32_t> shards) override;
  absl::StatusOr<storage::ClaimResult> Claim(const storage::ClaimRequest& request,
                                             storage::BatchComposer& composer) override;
  absl::StatusOr<std::optional<absl::Duration>> TakeTurn(int32_t shard,
                                                         absl::Duration send_interval) override;
  absl::StatusOr<storage::RecordResult> Record(const storage::RecordRequest& request) override;
  absl::StatusOr<int> ReapLeases(int32_t shard) override;

 private:
  // One end of a call: time passes, the process may die here or be paused.
  void Step();
  bool Fails();
  bool LosesAnswer();

  InMemoryLedger& ledger_;
  Scheduler& scheduler_;
  Random& random_;
  const DatabaseFaults& faults_;
  const PlantedBug bug_;
};

}  // namespace snapledger::simulation
