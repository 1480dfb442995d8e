#include "storage/appended_keys.h"

#include <algorithm>
#include <utility>

namespace snapledger::storage {
namespace {

// The open one, and the one before it until its filter is made.
constexpr size_t kPartitionsMax = 2;

}  // namespace

void AppendedKeys::Keep() {
  absl::MutexLock lock(&mutex_);
  keeps_ = true;
}

bool AppendedKeys::keeps() const {
  absl::MutexLock lock(&mutex_);
  return keeps_;
}

void AppendedKeys::Add(const ServerLife& life, int32_t partition, const Lot& lot,
                       const std::vector<uint64_t>& keys) {
  absl::MutexLock lock(&mutex_);
  if (!keeps_) return;
  if (life != life_) {
    life_ = life;
    newest_taken_ = 0;
    partitions_.clear();
  }
  if (partition <= newest_taken_) return;
  OfPartition& known = partitions_[partition];
  if (known.lots.size() < kLotsMax && known.keys.size() + keys.size() <= kKeysMax) {
    known.keys.insert(known.keys.end(), keys.begin(), keys.end());
    known.lots.push_back(lot);
  }
  if (partitions_.size() > kPartitionsMax) partitions_.erase(partitions_.begin());
}

AppendedKeys::OfPartition AppendedKeys::Take(const ServerLife& life, int32_t partition) {
  absl::MutexLock lock(&mutex_);
  if (life != life_) return {};
  newest_taken_ = std::max(newest_taken_, partition);
  const auto found = partitions_.find(partition);
  if (found == partitions_.end()) return {};
  OfPartition known = std::move(found->second);
  partitions_.erase(found);
  if (known.lots.size() == kLotsMax && known.keys.size() < kKeysOfManyLotsMin) return {};
  return known;
}

}  // namespace snapledger::storage
