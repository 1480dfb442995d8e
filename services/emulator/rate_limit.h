#pragma once

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace snapledger::emulator {

// At most so many requests a second for each asset, as a bucket of one second's worth that refills
// evenly. Thread-safe.
class RateLimit {
 public:
  // 0: no limit.
  explicit RateLimit(int64_t per_second) : per_second_(static_cast<double>(per_second)) {}

  // Takes one request's share. `now` is monotonic.
  bool Allow(absl::string_view asset, absl::Duration now);

 private:
  struct Bucket {
    double left;
    absl::Duration time;
  };

  const double per_second_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Bucket> buckets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::emulator
