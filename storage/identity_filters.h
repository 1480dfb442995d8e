#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/appended_keys.h"
#include "storage/key_filter.h"

namespace snapledger::storage {

// The filters of closed identity partitions in this process's memory, by partition, and what the
// next one is made of. A closed partition never gains a key, so that a filter once read stays true.
// Thread-safe.
class IdentityFilters {
 public:
  using ByPartition = std::map<int32_t, std::shared_ptr<const KeyFilter>>;

  IdentityFilters() : held_(std::make_shared<const ByPartition>()) {}

  std::shared_ptr<const ByPartition> held() const {
    absl::MutexLock lock(&mutex_);
    return held_;
  }

  void Replace(ByPartition filters) {
    auto held = std::make_shared<const ByPartition>(std::move(filters));
    absl::MutexLock lock(&mutex_);
    held_.swap(held);
  }

  AppendedKeys& appended_keys() { return appended_keys_; }

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<const ByPartition> held_ ABSL_GUARDED_BY(mutex_);
  AppendedKeys appended_keys_;
};

}  // namespace snapledger::storage
