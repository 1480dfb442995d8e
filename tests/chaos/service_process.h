#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/child_process.h"
#include "tests/chaos/relay.h"

namespace snapledger::chaos {

// One service that is started again, at once, whenever it has ended: with the relays it reaches the
// database and Snap through, and the one its callers reach it through, whose port stays. Dies with
// this process. Thread-safe.
class ServiceProcess {
 public:
  struct Options {
    std::string name;
    std::string folder;                  // for its log, ready file and clock file
    std::vector<std::string> arguments;  // of `serve`, besides those below
    std::string program;
    std::string database_target;  // of the relay to the database
    std::string snap_target;
  };
  explicit ServiceProcess(const Options& options);
  ServiceProcess(const ServiceProcess&) = delete;
  ServiceProcess& operator=(const ServiceProcess&) = delete;
  ~ServiceProcess();  // SIGKILL

  const std::string& name() const { return options_.name; }
  Relay& to_database() { return to_database_; }
  Relay& to_snap() { return to_snap_; }
  Relay& to_service() { return to_service_; }
  // Where its callers reach it.
  std::string address() const;
  std::string log_file() const;
  // Seconds in this file are added to its wall clock.
  std::string clock_file() const;

  // How often it was started so far: the number of its present, or last, life.
  int64_t life() const;
  // Until it serves in a life after this one. False: not within the time.
  bool AwaitLifeAfter(int64_t life, absl::Duration time_max) const;

  void Signal(int signal) const;
  // The next life, only, has this in its environment: NAME=VALUE.
  void SetNextEnvironment(const std::string& variable);
  // Sends the signal, and waits until this life has ended: its exit code, or 128 + the signal that
  // ended it; nullopt: it did not end in time.
  std::optional<int> End(int signal, absl::Duration time_max);
  // Until this life has ended: how, as above, or how the last one after it ended.
  std::optional<int> AwaitEnd(int64_t life, absl::Duration time_max) const;

  // One fault at a time has a service to itself.
  bool TryOccupy();
  void Occupy();  // waits
  void Release();

  // SIGTERM, and no life after this. The exit code as above; nullopt where it had to be killed.
  std::optional<int> Stop(absl::Duration time_max);

 private:
  void Run();
  // From the start of the process to its end; false where it ended before it served.
  bool LiveOnce();
  std::vector<std::string> TakeCommandLine();

  const Options options_;
  Relay to_database_{Relay::Protocol::kPostgres};
  Relay to_snap_{Relay::Protocol::kAny};
  Relay to_service_{Relay::Protocol::kAny};
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool occupied_ ABSL_GUARDED_BY(mutex_) = false;
  std::string next_environment_ ABSL_GUARDED_BY(mutex_);
  std::optional<storage::ProcessHandle> process_ ABSL_GUARDED_BY(mutex_);
  int64_t life_ ABSL_GUARDED_BY(mutex_) = 0;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t ended_life_ ABSL_GUARDED_BY(mutex_) = 0;
  int exit_code_ ABSL_GUARDED_BY(mutex_) = 0;  // of that one
  std::thread thread_;
};

}  // namespace snapledger::chaos
