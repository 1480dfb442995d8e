#pragma once

#include <optional>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/change_store.h"

namespace snapledger::query {

// Every change of one shard, each once, in about the order of their times. Not thread-safe.
//
// Transactions do not commit in the order of their times, so two kinds of reading alternate: often
// a quick one of the last moments, which finds nearly everything at once, and every kSweepInterval
// a sweep from the floor, which finds what committed late. The floor is the time up to which
// everything was given: what is older than any running transaction when a sweep begins cannot get
// company any more. What was given above the floor is remembered, so that it is given once: the
// changes of kTransactionTimeMax and a little, about 50 bytes each.
class ChangeFeed {
 public:
  static constexpr absl::Duration kSweepInterval = absl::Seconds(10);
  // How far before the newest change that was seen a quick reading begins.
  static constexpr absl::Duration kQuickSpan = absl::Seconds(2);
  static constexpr int kRowsPerRead = 1000;

  // Gives what happened after `floor`. `store` must outlive this.
  ChangeFeed(storage::ChangeStore& store, int32_t shard, absl::Time floor)
      : store_(store), shard_(shard), floor_(floor), newest_(floor) {}

  int32_t shard() const { return shard_; }

  // Every change up to this time was given by calls before the last one. A feed that begins here
  // gives all others.
  absl::Time floor() const { return floor_; }

  // Reads on; blocks on the database. `monotonic_now`: of base::Clock. After an error it may be
  // called again.
  absl::StatusOr<std::vector<storage::ChangeRow>> Read(absl::Duration monotonic_now);

  // Whether the last call saw all there was.
  bool at_end() const { return !scan_.has_value(); }

 private:
  struct Scan {
    storage::ChangeKey after;
    bool raises_floor = false;
  };

  void TakeFloor();
  void RaiseFloor(const storage::ChangePage& page, bool end);

  storage::ChangeStore& store_;
  const int32_t shard_;
  absl::Time floor_;
  absl::Time next_floor_ = absl::InfinitePast();  // once what was read is given
  absl::Time newest_;
  absl::Duration next_sweep_ = -absl::InfiniteDuration();
  std::optional<Scan> scan_;
  absl::btree_set<storage::ChangeKey> given_;  // above the floor
};

}  // namespace snapledger::query
