#pragma once

#include <cstdint>

namespace snapledger::matchrate {

// Random numbers that depend on nothing but seed and stream: the algorithms are fixed here, so that
// the same data gives the same figures with every compiler and standard library. Not for secrets.
// Streams of one seed are independent of each other and of the order they are made in. One thread
// at a time.
class RandomStream {
 public:
  // SplitMix64 (Steele, Lea and Flood, 2014), begun where seed and stream mix to.
  RandomStream(uint64_t seed, uint64_t stream);

  uint64_t NextBits();
  // Above 0 and below 1.
  double NextUniform();
  // Box and Muller's transform, the second number thrown away.
  double NextNormal();
  // Of scale 1; `shape` > 0. Marsaglia and Tsang, 2000.
  double NextGamma(double shape);
  // a, b > 0; 0 or 1 only where one of them is tiny.
  double NextBeta(double a, double b);

 private:
  uint64_t state_;
};

}  // namespace snapledger::matchrate
