#include "tests/chaos/campaign.h"

#include <algorithm>
#include <exception>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/chaos/fault_plan.h"

namespace snapledger::chaos {
namespace {

// Other faults go on meanwhile.
constexpr absl::Duration kRecoveryMax = absl::Minutes(2);
constexpr absl::Duration kLookEvery = absl::Milliseconds(100);
// Between two faults of one place.
constexpr absl::Duration kPauseMin = absl::Milliseconds(100);
constexpr FaultPlace kWorkers[] = {FaultPlace::kService, FaultPlace::kService,
                                   FaultPlace::kDatabase, FaultPlace::kSnap, FaultPlace::kOperator};

}  // namespace

Campaign::Campaign(Stage& stage, const std::vector<FaultKind>& kinds, const Options& options)
    : stage_(stage), kinds_(kinds), options_(options), begin_(absl::Now()) {
  std::vector<FaultPlace> workers;
  for (const FaultPlace place : kWorkers) {
    if (std::any_of(kinds_.begin(), kinds_.end(), [place](const FaultKind& kind) {
          return kind.place == place && kind.why_not.empty();
        })) {
      workers.push_back(place);
    }
  }
  for (size_t worker = 0; worker < workers.size(); ++worker) {
    threads_.emplace_back([this, place = workers[worker], worker, count = workers.size()] {
      Work(place, worker, count);
    });
  }
}

Campaign::~Campaign() { End(); }

void Campaign::End() {
  stage_.EndFaults();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

int Campaign::inflicted() const {
  absl::MutexLock lock(&mutex_);
  return inflicted_;
}

std::map<std::string, Campaign::Tally> Campaign::tallies() const {
  absl::MutexLock lock(&mutex_);
  return tallies_;
}

void Campaign::Work(FaultPlace place, uint64_t worker, uint64_t workers) {
  std::vector<const FaultKind*> kinds;
  for (const FaultKind& kind : kinds_) {
    if (kind.place == place && kind.why_not.empty()) kinds.push_back(&kind);
  }
  FaultPlan plan(std::move(kinds), options_.seed, worker);
  const absl::Duration interval = options_.duration / std::max(1, options_.faults);
  for (uint64_t number = 0;; ++number) {
    const absl::Time due = begin_ + static_cast<int64_t>(number * workers + worker) * interval;
    if (!stage_.Hold(std::max(due - absl::Now(), kPauseMin))) return;
    FaultPlan::Step step = plan.Next();
    Inflict(*step.kind, step.random);
  }
}

void Campaign::Inflict(const FaultKind& kind, FaultRandom random) {
  bool struck = false;
  try {
    struck = kind.inflict(stage_, random);
  } catch (const std::exception& error) {
    stage_.NoteProblem(absl::StrCat(kind.name, ": ", error.what()));
  }
  const absl::Time healed = absl::Now();
  const bool recovered = AwaitRecovery();
  if (!recovered) stage_.NoteProblem(absl::StrCat("no recovery from ", kind.name));
  absl::MutexLock lock(&mutex_);
  Tally& tally = tallies_[kind.name];
  if (!struck) {
    ++tally.missed;
    return;
  }
  ++inflicted_;
  ++tally.inflicted;
  if (!recovered) return;
  ++tally.recovered;
  tally.recovery_max = std::max(tally.recovery_max, absl::Now() - healed);
}

bool Campaign::AwaitRecovery() const {
  const int64_t acknowledged = stage_.load().counts().acknowledged;
  const int64_t delivered = stage_.monitor().view().delivered;
  const absl::Time end = absl::Now() + kRecoveryMax;
  if (!stage_.monitor().AwaitDelivered(delivered, kRecoveryMax)) return false;
  while (stage_.load().counts().acknowledged <= acknowledged) {
    if (absl::Now() > end) return false;
    stage_.Wait(kLookEvery);
  }
  return true;
}

}  // namespace snapledger::chaos
