#include "services/emulator/rate_limit.h"

#include <algorithm>

namespace snapledger::emulator {

bool RateLimit::Allow(absl::string_view asset, absl::Duration now) {
  if (per_second_ <= 0) return true;
  absl::MutexLock lock(&mutex_);
  Bucket& bucket = buckets_.try_emplace(asset, Bucket{per_second_, now}).first->second;
  const double refill = absl::ToDoubleSeconds(now - bucket.time) * per_second_;
  bucket.left = std::min(per_second_, bucket.left + refill);
  bucket.time = now;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

}  // namespace snapledger::emulator
