#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/key_filter.h"
#include "storage/server_life.h"
#include "storage/types.h"

namespace snapledger::storage {

// The keys this process appended to the newest identity partitions: what the filter of a partition
// that has closed is made of, so that they need not be read back (docs/decisions/0042, 0043,
// 0046). Thread-safe.
class AppendedKeys {
 public:
  static constexpr size_t kLotsMax = 32768;  // of a partition; the others are read back
  // What the filter of a partition has room for, while it is open: 45,360 blocks, a number with
  // many divisors, so that it can be made smaller (KeyFilter::WithRoomFor).
  static constexpr int64_t kKeysRoom = 1'055'640;
  // Of a partition; the others are read back. With so many that filter says yes for one in six
  // hundred keys it was not given.
  static constexpr int64_t kKeysMax = 1'600'000;
  // Where that many lots have fewer, none is named: it costs more than to read their keys.
  static constexpr int64_t kKeysOfManyLotsMin = 16 * int64_t{kLotsMax};

  // No two transactions of one life of the server have committed the same.
  struct Lot {
    int32_t shard = 0;
    int64_t lot_id = 0;
    friend bool operator==(const Lot&, const Lot&) = default;
  };

  // All keys a transaction committed for a lot.
  struct KeysOfLot {
    Lot lot;
    std::vector<uint64_t> keys;  // as KeyFilter::Hash::block
  };

  struct OfPartition {
    bool whole = false;     // these are all keys that this process appended
    std::vector<Lot> lots;  // of which all keys are here
    // Also of other lots; with room for kKeysRoom. nullopt: none.
    std::optional<KeyFilter> keys;
    int64_t key_count = 0;

    // The filter of a partition that holds about `partition_keys`, with the keys that are here. For
    // more than kKeysMax it would say yes too often: then they are forgotten, with their lots.
    KeyFilter BeginFilter(int64_t partition_keys);
  };

  // An append to a partition, from before its transaction begins until its end is known. One that
  // is destroyed while this is not so may have committed: that partition is not whole.
  class UnderWay {
   public:
    UnderWay(AppendedKeys& keys, ServerLife life, int32_t partition);
    ~UnderWay();
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;

    // One of these, once.
    void Committed(absl::Span<const KeysOfLot> lots);
    void RolledBack() { end_known_ = true; }

   private:
    AppendedKeys& keys_;
    const ServerLife life_;  // in which it commits, if it does
    const int32_t partition_;
    bool end_known_ = false;
  };

  AppendedKeys();

  // By which the database lists who appended to a partition. No two of these objects have the same.
  const Uuid& appender_id() const { return appender_id_; }

  // From the first call on keys are kept: for a process that makes filters.
  void Keep();

  // What is known of a partition that is closed in this life, once the appends under way have
  // ended; it is not whole where that takes longer than `patience`. It is forgotten here, and what
  // comes later is not kept.
  OfPartition Take(const ServerLife& life, int32_t partition, absl::Duration patience);

 private:
  void EnterLife(const ServerLife& life, int32_t partition) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LosePart(int32_t partition) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Add(const KeysOfLot& lot, int32_t partition) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Uuid appender_id_;
  mutable absl::Mutex mutex_;
  bool keeps_ ABSL_GUARDED_BY(mutex_) = false;
  ServerLife life_ ABSL_GUARDED_BY(mutex_);
  std::map<int32_t, int> under_way_ ABSL_GUARDED_BY(mutex_);  // by partition
  int32_t newest_taken_ ABSL_GUARDED_BY(mutex_) = 0;
  int32_t oldest_whole_ ABSL_GUARDED_BY(mutex_) = 0;                   // as are all later ones
  std::map<int32_t, OfPartition> partitions_ ABSL_GUARDED_BY(mutex_);  // the newest two
};

}  // namespace snapledger::storage
