#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace snapledger::storage {

// The keys this process appended to the newest identity partitions: what most of the filter of a
// partition that has closed is made of, so that they need not be read back (docs/decisions/0042).
// What is missing here is read; what is here must be there, and whole. Thread-safe.
class AppendedKeys {
 public:
  static constexpr size_t kLotsMax = 65536;    // of a partition; the others are read back
  static constexpr size_t kKeysMax = 2000000;  // the same

  struct OfPartition {
    std::vector<int64_t> lot_ids;
    std::deque<uint64_t> keys;  // all that these lots have, as KeyFilter::Hash::block
  };

  // From the first call on keys are kept, those that were committed at the server that started
  // then. After a call with another start all before are forgotten: a standby that took over may
  // never have had them, and gives the ids of their lots to others.
  void KeepFor(absl::Time server_start);

  // To be asked before a transaction, and told when it is committed; 0 where no keys are kept.
  int64_t generation() const;

  // All keys that a lot has, once they are committed.
  void Add(int64_t generation, int32_t partition, int64_t lot_id,
           const std::vector<uint64_t>& keys);

  // What is known of a partition that is closed. It is forgotten here, and what comes later is not
  // kept.
  OfPartition Take(int32_t partition);

 private:
  mutable absl::Mutex mutex_;
  absl::Time server_start_ ABSL_GUARDED_BY(mutex_);
  int64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;
  int32_t newest_taken_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int32_t, OfPartition> partitions_ ABSL_GUARDED_BY(mutex_);  // the newest two
};

}  // namespace snapledger::storage
