#include "services/matchrate/order_set.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "services/matchrate/varint.h"

namespace snapledger::matchrate {

void OrderSet::Add(uint32_t hash) {
  if (!exact() && hash >= hashes_.back()) return;
  const auto place = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
  if (place != hashes_.end() && *place == hash) return;
  hashes_.insert(place, hash);
  if (hashes_.size() > kKept) hashes_.pop_back();
}

void OrderSet::Merge(const OrderSet& other) {
  for (const uint32_t hash : other.hashes_) Add(hash);
}

int64_t OrderSet::Count() const {
  if (exact()) return static_cast<int64_t>(hashes_.size());
  const double part = (static_cast<double>(hashes_.back()) + 1) / 4294967296.0;
  return std::llround(static_cast<double>(kKept - 1) / part);
}

void OrderSet::AppendTo(std::string* bytes) const {
  AppendVarint(hashes_.size(), bytes);
  uint32_t last = 0;
  for (const uint32_t hash : hashes_) {
    AppendVarint(hash - last, bytes);
    last = hash;
  }
}

bool OrderSet::TakeFrom(std::string_view* bytes) {
  const std::optional<uint64_t> count = TakeVarint(bytes);
  if (!count || *count > kKept) return false;
  hashes_.clear();
  uint64_t last = 0;
  for (uint64_t i = 0; i < *count; ++i) {
    const std::optional<uint64_t> difference = TakeVarint(bytes);
    constexpr uint64_t kMax = std::numeric_limits<uint32_t>::max();
    if (!difference || *difference > kMax - last || (i > 0 && *difference == 0)) return false;
    last += *difference;
    hashes_.push_back(static_cast<uint32_t>(last));
  }
  return true;
}

}  // namespace snapledger::matchrate
