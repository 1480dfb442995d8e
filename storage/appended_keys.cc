#include "storage/appended_keys.h"

#include <algorithm>
#include <utility>

namespace snapledger::storage {
namespace {

// The open one, and the one before it until its filter is made.
constexpr size_t kPartitionsMax = 2;

}  // namespace

void AppendedKeys::KeepFor(absl::Time server_start) {
  absl::MutexLock lock(&mutex_);
  if (generation_ > 0 && server_start == server_start_) return;
  server_start_ = server_start;
  ++generation_;
  partitions_.clear();
}

int64_t AppendedKeys::generation() const {
  absl::MutexLock lock(&mutex_);
  return generation_;
}

void AppendedKeys::Add(int64_t generation, int32_t partition, int64_t lot_id,
                       const std::vector<uint64_t>& keys) {
  absl::MutexLock lock(&mutex_);
  if (generation == 0 || generation != generation_ || partition <= newest_taken_) return;
  OfPartition& known = partitions_[partition];
  if (known.lot_ids.size() < kLotsMax && known.keys.size() + keys.size() <= kKeysMax) {
    known.lot_ids.push_back(lot_id);
    known.keys.insert(known.keys.end(), keys.begin(), keys.end());
  }
  if (partitions_.size() > kPartitionsMax) partitions_.erase(partitions_.begin());
}

AppendedKeys::OfPartition AppendedKeys::Take(int32_t partition) {
  absl::MutexLock lock(&mutex_);
  newest_taken_ = std::max(newest_taken_, partition);
  const auto found = partitions_.find(partition);
  if (found == partitions_.end()) return {};
  OfPartition known = std::move(found->second);
  partitions_.erase(found);
  return known;
}

}  // namespace snapledger::storage
