#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/server_life.h"

namespace snapledger::storage {

// The keys this process appended to the newest identity partitions: what most of the filter of a
// partition that has closed is made of, so that they need not be read back (docs/decisions/0042).
// What is missing here is read; of a lot that is here, all keys must be. Thread-safe.
class AppendedKeys {
 public:
  static constexpr size_t kLotsMax = 32768;    // of a partition; the others are read back
  static constexpr size_t kKeysMax = 2000000;  // the same
  // Where that many lots have fewer, none is kept: to name them costs more than to read their keys.
  static constexpr size_t kKeysOfManyLotsMin = 16 * kLotsMax;

  // No two transactions of one life of the server have committed the same.
  struct Lot {
    int32_t shard = 0;
    int64_t lot_id = 0;
    friend bool operator==(const Lot&, const Lot&) = default;
  };

  struct OfPartition {
    std::vector<Lot> lots;
    std::deque<uint64_t> keys;  // all of these lots, as KeyFilter::Hash::block
  };

  // From the first call on keys are kept: for a process that makes filters.
  void Keep();
  bool keeps() const;

  // All keys of a lot that a transaction committed, and the life that transaction saw. What was
  // kept of another one is forgotten.
  void Add(const ServerLife& life, int32_t partition, const Lot& lot,
           const std::vector<uint64_t>& keys);

  // What is known of a partition that is closed in this life. It is forgotten here, and what comes
  // later is not kept.
  OfPartition Take(const ServerLife& life, int32_t partition);

 private:
  mutable absl::Mutex mutex_;
  bool keeps_ ABSL_GUARDED_BY(mutex_) = false;
  ServerLife life_ ABSL_GUARDED_BY(mutex_);
  int32_t newest_taken_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int32_t, OfPartition> partitions_ ABSL_GUARDED_BY(mutex_);  // the newest two
};

}  // namespace snapledger::storage
