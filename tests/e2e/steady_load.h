#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "snapledger/v1/conversion_service.grpc.pb.h"

namespace snapledger::e2e {

// Callers that record new events of one destination at a steady pace, from now until they are
// stopped. A call that failed is not repeated. Thread-safe.
class SteadyLoad {
 public:
  struct Options {
    std::string address;  // of the service
    std::string destination;
    std::string id_prefix;  // of the event ids; no two loads of a test share one
    int callers = 2;
    int events_per_call = 10;
    // Of each caller. A caller that falls behind skips what it missed.
    absl::Duration interval = absl::Milliseconds(100);
    absl::Duration deadline = absl::Seconds(10);  // of a call
  };

  struct Tally {
    std::set<std::string> acknowledged;  // ids of accepted events
    std::map<grpc::StatusCode, int64_t> failed_calls;
    std::string last_failure;  // the message of one other than UNAVAILABLE
    int64_t calls = 0;
    int64_t other_verdicts = 0;  // neither accepted nor part of a failed call
    absl::Duration slowest_call;
  };

  explicit SteadyLoad(Options options);
  SteadyLoad(const SteadyLoad&) = delete;
  SteadyLoad& operator=(const SteadyLoad&) = delete;
  ~SteadyLoad();  // stops

  // What was seen so far.
  Tally Seen() const;
  // Waits for the calls under way; what was seen in all.
  Tally Stop();

 private:
  void RunCaller(int number);
  void Call(v1::ConversionService::Stub& stub, const v1::RecordEventsRequest& request);

  const Options options_;
  absl::Notification stop_;
  mutable absl::Mutex mutex_;
  Tally tally_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace snapledger::e2e
