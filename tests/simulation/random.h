#pragma once

#include <cstdint>
#include <limits>

#include "absl/time/time.h"

namespace snapledger::simulation {

// SplitMix64: small, and the same on every machine. A UniformRandomBitGenerator.
class Random {
 public:
  using result_type = uint64_t;

  explicit Random(uint64_t seed) : state_(seed) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<uint64_t>::max(); }

  uint64_t operator()() {
    uint64_t mixed = (state_ += 0x9E3779B97F4A7C15);
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
  }

  // 0..bound-1.
  uint64_t Below(uint64_t bound) { return (*this)() % bound; }
  bool Chance(double probability) {
    return static_cast<double>((*this)() >> 11) * 0x1.0p-53 < probability;
  }
  absl::Duration Between(absl::Duration low, absl::Duration high) {
    return low + absl::Nanoseconds(static_cast<int64_t>(
                     Below(static_cast<uint64_t>(absl::ToInt64Nanoseconds(high - low)) + 1)));
  }

 private:
  uint64_t state_;
};

}  // namespace snapledger::simulation
