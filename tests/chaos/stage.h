#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/chaos/administration.h"
#include "tests/chaos/database.h"
#include "tests/chaos/emulator.h"
#include "tests/chaos/load_client.h"
#include "tests/chaos/monitor.h"
#include "tests/chaos/service_process.h"

namespace snapledger::chaos {

// The real parts of a run, on loopback, all gone when this ends. Thread-safe.
class Stage {
 public:
  struct Options {
    std::string folder;
    std::string program_folder;  // of this build
    uint64_t seed = 1;
    int64_t events = 0;  // about so many will be recorded
    double events_per_second = 0;
    int services = 3;
    int callers = 8;
  };
  // Starts everything, the load included. Throws std::runtime_error.
  explicit Stage(const Options& options);

  Database& database() { return database_; }
  Emulator& emulator() { return emulator_; }
  std::vector<std::unique_ptr<ServiceProcess>>& services() { return services_; }
  Administration& administration() { return *administration_; }
  Monitor& monitor() { return *monitor_; }
  LoadClient& load() { return *load_; }
  const std::vector<LoadDestination>& destinations() const { return destinations_; }
  const Options& options() const { return options_; }
  std::string load_log() const { return options_.folder + "/load.jsonl"; }
  std::string key_file() const { return options_.folder + "/keys"; }
  // Values that may stand in no log: tokens, and some that identify persons.
  std::string planted_file() const { return options_.folder + "/planted.txt"; }

  // Waits so long, or until the faults are to end. False: they are.
  bool Hold(absl::Duration duration) const;
  // Waits so long in any case.
  void Wait(absl::Duration duration) const;
  void EndFaults();

  // The emulator does this besides what a fault tells it: now and then it fails, and it refuses a
  // few events for good, so that doubt and the search for what is refused are never far.
  const std::string& background_faults() const { return background_faults_; }

  // For the emulator: every destination's token but that of `without`.
  std::string TokenLines(const std::string& without) const;

  // What went wrong that no invariant knows of, for the report.
  void NoteProblem(const std::string& problem);
  std::vector<std::string> problems() const;

 private:
  void StartServices();
  void CreateDestinations();
  void WritePlanted() const;

  const Options options_;
  const std::vector<LoadDestination> destinations_;
  const std::string background_faults_;
  Database database_;
  Emulator emulator_;
  std::vector<std::unique_ptr<ServiceProcess>> services_;
  std::unique_ptr<Administration> administration_;
  std::unique_ptr<Monitor> monitor_;
  std::unique_ptr<LoadClient> load_;
  mutable absl::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool never_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::string> problems_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::chaos
