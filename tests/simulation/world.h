#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/base/clock.h"
#include "services/destinations/destination_directory.h"
#include "services/dispatch/delivery_pass.h"
#include "services/security/envelope.h"
#include "tests/simulation/fake_destination_store.h"
#include "tests/simulation/in_memory_ledger.h"
#include "tests/simulation/planted_bug.h"
#include "tests/simulation/random.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/simulated_ledger.h"
#include "tests/simulation/snap_world.h"
#include "tests/simulation/violations.h"
#include "tests/support/fake_data_key_store.h"

namespace snapledger::simulation {

inline constexpr int32_t kShard = 1;
inline constexpr char kAsset[] = "pixel-1";

// The clock of one process: its wall clock may be wrong and jump.
class ProcessClock final : public base::Clock {
 public:
  ProcessClock(const Scheduler& scheduler, absl::Time epoch)
      : scheduler_(scheduler), epoch_(epoch) {}
  absl::Time Now() const override { return epoch_ + scheduler_.Now() + skew; }
  absl::Duration Monotonic() const override { return scheduler_.Now(); }
  absl::Duration skew = absl::ZeroDuration();

 private:
  const Scheduler& scheduler_;
  const absl::Time epoch_;
};

// Everything of one simulated world and what is true of it whoever fails.
class World {
 public:
  World(uint64_t seed, PlantedBug bug);
  ~World();

  // Faults until `faults_end_`, then quiet.
  void Run();
  const Violations& violations() const { return violations_; }
  int64_t event_count() const { return static_cast<int64_t>(acknowledged_.size()); }
  int64_t crashes() const { return crashes_; }
  int64_t requests() const { return snap_.requests(); }
  absl::Duration virtual_time() const { return settled_at_; }

 private:
  // What one process holds in memory; gone with it.
  struct Process;

  void DrawFaults();
  void StartProcess();
  void RunWorker(Process& process);
  void RunReaper(Process& process);
  void RunProber(Process& process);
  void RunCaller();
  void RecordSome(Random& random);
  void RunOverseer();
  void RunOperator();
  void EndFaults();
  // What must hold at any moment.
  void CheckBooks();
  void CheckLateSuccess(const MemoryAttempt& attempt);
  // What must hold once all is settled.
  void CheckEnd();
  void CheckEvent(const std::string& id);
  absl::Time DatabaseNow() const { return epoch_ + scheduler_.Now(); }

  const PlantedBug bug_;
  const absl::Time epoch_ = absl::FromUnixSeconds(1'800'000'000);
  Random random_;
  Scheduler scheduler_{random_};
  Violations violations_;
  storage::DestinationSettings settings_;
  InMemoryLedger ledger_;
  DatabaseFaults database_faults_;
  SnapWorld snap_;
  ProcessClock true_clock_{scheduler_, epoch_};
  support::FakeDataKeyStore data_keys_;
  security::KeyRing keys_;
  security::Envelope envelope_{keys_, data_keys_, true_clock_};
  FakeDestinationStore destinations_;
  std::vector<std::unique_ptr<Process>> processes_;
  Scheduler::Process world_process_ = 0;
  std::set<std::string> acknowledged_, offered_;
  int next_event_ = 0;
  int64_t crashes_ = 0;
  absl::Duration faults_end_;
  absl::Duration settled_at_;
  // Of some worlds: an operator's pause that outlasts the dedup window.
  std::optional<absl::Duration> long_pause_begin_;
};

}  // namespace snapledger::simulation
