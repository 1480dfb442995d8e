#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/chaos/fault.h"
#include "tests/chaos/stage.h"

namespace snapledger::chaos {

// Inflicts faults on a stage, several at a time, spread over a time. Thread-safe.
class Campaign {
 public:
  struct Options {
    uint64_t seed = 1;
    int faults = 0;
    absl::Duration duration;  // over which they are spread
  };
  // Begins at once. `kinds` that cannot be inflicted are left out.
  Campaign(Stage& stage, const std::vector<FaultKind>& kinds, const Options& options);
  Campaign(const Campaign&) = delete;
  Campaign& operator=(const Campaign&) = delete;
  // Ends the faults.
  ~Campaign();

  // What became of one kind.
  struct Tally {
    int inflicted = 0;
    int missed = 0;     // tried, and it did not take place
    int recovered = 0;  // of those inflicted: afterwards events were taken in and delivered again
    absl::Duration recovery_max;
  };
  int inflicted() const;
  std::map<std::string, Tally> tallies() const;
  // Ends what is under way, and waits for it.
  void End();

 private:
  void Work(FaultPlace place, uint64_t worker, uint64_t workers);
  // One fault; false where the campaign ends.
  void Inflict(const FaultKind& kind, FaultRandom random);
  bool AwaitRecovery() const;

  Stage& stage_;
  const std::vector<FaultKind>& kinds_;
  const Options options_;
  const absl::Time begin_;
  mutable absl::Mutex mutex_;
  int inflicted_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, Tally> tallies_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace snapledger::chaos
