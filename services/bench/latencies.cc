#include "services/bench/latencies.h"

#include <algorithm>
#include <cmath>

namespace snapledger::bench {
namespace {

double AtRank(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<size_t>(rank, 1) - 1];
}

}  // namespace

Percentiles PercentilesOf(std::vector<double> milliseconds) {
  if (milliseconds.empty()) return {};
  std::sort(milliseconds.begin(), milliseconds.end());
  return {.p50_ms = AtRank(milliseconds, 0.50),
          .p95_ms = AtRank(milliseconds, 0.95),
          .p99_ms = AtRank(milliseconds, 0.99)};
}

}  // namespace snapledger::bench
