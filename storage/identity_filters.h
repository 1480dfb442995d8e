#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/appended_keys.h"
#include "storage/key_filter.h"
#include "storage/server_life.h"

namespace snapledger::storage {

// The filters of closed identity partitions in this process's memory, by partition, and what the
// next one is made of. A closed partition never gains a key, so that a filter once read stays true.
// Thread-safe.
class IdentityFilters {
 public:
  using ByPartition = std::map<int32_t, std::shared_ptr<const KeyFilter>>;

  IdentityFilters() : held_(std::make_shared<const ByPartition>()) {}

  // Those read in `life`; in another one there are none: a partition of the same number may hold
  // other keys.
  std::shared_ptr<const ByPartition> HeldIn(const ServerLife& life) const {
    absl::MutexLock lock(&mutex_);
    return life == life_ ? held_ : std::make_shared<const ByPartition>();
  }

  // From now on `life` is the one they are read in. Those of another are dropped; the rest is
  // returned.
  std::shared_ptr<const ByPartition> EnterLife(const ServerLife& life) {
    std::shared_ptr<const ByPartition> dropped;  // freed without the lock
    absl::MutexLock lock(&mutex_);
    if (life != life_) {
      life_ = life;
      dropped = std::exchange(held_, std::make_shared<const ByPartition>());
    }
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
  ServerLife life_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const ByPartition> held_ ABSL_GUARDED_BY(mutex_);
  AppendedKeys appended_keys_;
};

}  // namespace snapledger::storage
