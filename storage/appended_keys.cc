#include "storage/appended_keys.h"

#include <algorithm>
#include <utility>

#include "storage/random_uuid.h"

namespace snapledger::storage {
namespace {

// The open one, and the one before it until its filter is made.
constexpr size_t kPartitionsMax = 2;

}  // namespace

KeyFilter AppendedKeys::OfPartition::BeginFilter(int64_t partition_keys) {
  if (partition_keys > kKeysMax) *this = {};
  return keys.has_value() ? keys->WithRoomFor(partition_keys) : KeyFilter(partition_keys);
}

AppendedKeys::AppendedKeys() : appender_id_(RandomUuid()) {}

AppendedKeys::UnderWay::UnderWay(AppendedKeys& keys, ServerLife life, int32_t partition)
    : keys_(keys), life_(std::move(life)), partition_(partition) {
  absl::MutexLock lock(&keys_.mutex_);
  ++keys_.under_way_[partition_];
}

AppendedKeys::UnderWay::~UnderWay() {
  absl::MutexLock lock(&keys_.mutex_);
  if (!end_known_) keys_.LosePart(partition_);
  const auto here = keys_.under_way_.find(partition_);
  if (--here->second == 0) keys_.under_way_.erase(here);
}

void AppendedKeys::UnderWay::Committed(absl::Span<const KeysOfLot> lots) {
  absl::MutexLock lock(&keys_.mutex_);
  keys_.EnterLife(life_, partition_);
  for (const KeysOfLot& lot : lots) keys_.Add(lot, partition_);
  end_known_ = true;  // last: where memory runs out in between, keys are missing
}

void AppendedKeys::Keep() {
  absl::MutexLock lock(&mutex_);
  keeps_ = true;
}

// What was committed to this partition in the life before is not known in this one.
void AppendedKeys::EnterLife(const ServerLife& life, int32_t partition) {
  if (life == life_) return;
  if (!life_.empty()) LosePart(partition);
  life_ = life;
  newest_taken_ = 0;
  partitions_.clear();
}

void AppendedKeys::LosePart(int32_t partition) {
  oldest_whole_ = std::max(oldest_whole_, partition + 1);
}

void AppendedKeys::Add(const KeysOfLot& lot, int32_t partition) {
  if (!keeps_) LosePart(partition);
  if (!keeps_ || partition <= newest_taken_) return;
  OfPartition& known = partitions_[partition];
  const auto key_count = static_cast<int64_t>(lot.keys.size());
  if (known.key_count + key_count > kKeysMax) {
    LosePart(partition);
  } else {
    if (!known.keys.has_value()) known.keys.emplace(kKeysRoom);
    for (const uint64_t key : lot.keys) known.keys->Add(KeyFilter::HashWith(key));
    known.key_count += key_count;
    if (known.lots.size() < kLotsMax) known.lots.push_back(lot.lot);
  }
  if (partitions_.size() > kPartitionsMax) {
    LosePart(partitions_.begin()->first);
    partitions_.erase(partitions_.begin());
  }
}

AppendedKeys::OfPartition AppendedKeys::Take(const ServerLife& life, int32_t partition,
                                             absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  const auto none_under_way = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return !under_way_.contains(partition);
  };
  if (!mutex_.AwaitWithTimeout(absl::Condition(&none_under_way), patience)) LosePart(partition);
  if (life != life_) return {};
  OfPartition known;
  const auto found = partitions_.find(partition);
  if (found != partitions_.end()) {
    known = std::move(found->second);
    partitions_.erase(found);
  }
  known.whole = partition >= oldest_whole_;
  LosePart(partition);
  newest_taken_ = std::max(newest_taken_, partition);
  if (known.lots.size() == kLotsMax && known.key_count < kKeysOfManyLotsMin) known.lots.clear();
  return known;
}

}  // namespace snapledger::storage
