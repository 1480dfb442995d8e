#pragma once

#include <vector>

namespace snapledger::bench {

struct Percentiles {
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
};

// By nearest rank: each is one of the values. All zero where there are none.
Percentiles PercentilesOf(std::vector<double> milliseconds);

}  // namespace snapledger::bench
