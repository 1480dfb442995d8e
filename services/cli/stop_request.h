#pragma once

#include "absl/time/time.h"

namespace snapledger::cli {

// For commands that go on until they are told to end: SIGINT and SIGTERM end them in order. One
// per process. Thread-safe.
class StopRequest {
 public:
  // Takes the signals from here on.
  StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;

  // Returns once a signal came, or `time_max` has passed; whether one came.
  bool Await(absl::Duration time_max) const;
};

}  // namespace snapledger::cli
