#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "snapledger/v1/admin_service.pb.h"
#include "tests/checker/load_log.h"

namespace snapledger::chaos {

// A destination the run sends to.
struct LoadDestination {
  std::string id;
  v1::DestinationKind kind = v1::DESTINATION_KIND_PIXEL;
  std::string token() const { return "token-of-" + id; }
};

// Several honest callers of RecordEvents: a call that failed, or whose outcome they do not know, is
// made again, with the same events, by any of the services, until it is answered. Everything is
// noted in the load log. Thread-safe.
class LoadClient {
 public:
  struct Options {
    uint64_t seed = 1;
    int callers = 8;
    int events_per_call = 100;
    double events_per_second = 1000;
    std::vector<LoadDestination> destinations;
    std::vector<std::string> addresses;  // of the services
    std::string log_file;
  };
  // Throws std::runtime_error where the log cannot be written.
  explicit LoadClient(const Options& options);
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;
  ~LoadClient();

  // No new calls; those that are not answered are repeated for at most so long. True where all are
  // answered.
  bool Stop(absl::Duration time_max);

  // So many callers more, with one call each, all at once; until the last is answered or the run
  // stops. How many of their first tries failed.
  int Burst(int calls);

  // Ids of events that will be recorded in some seconds, `per_caller` of each caller.
  std::vector<std::string> ComingIds(int per_caller) const;

  // Emails and phones in plain text of the first events of a caller.
  std::vector<std::string> RawIdentifiers(int count) const;

  struct Counts {
    int64_t acknowledged = 0;  // events with a verdict that says they are stored
    int64_t refused = 0;       // events with another verdict
    int64_t calls = 0;         // answered
    int64_t failures = 0;      // tries that failed
  };
  Counts counts() const;

 private:
  class Caller;

  void Note(const Counts& more);
  // Until the next call is due by the pace; false where no more are to be made.
  bool AwaitTurn(int64_t events_before);
  // False where it is not to be tried again.
  bool AwaitRetry(absl::Duration pause);

  const Options options_;
  std::unique_ptr<checker::LoadLog> log_;
  const absl::Time begin_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool giving_up_ ABSL_GUARDED_BY(mutex_) = false;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  int bursts_ ABSL_GUARDED_BY(mutex_) = 0;
  Counts counts_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Caller>> callers_;
  std::vector<std::thread> threads_;
};

}  // namespace snapledger::chaos
