#include "services/matchrate/random_stream.h"

#include <cmath>
#include <numbers>

namespace snapledger::matchrate {
namespace {

constexpr uint64_t kStep = 0x9E3779B97F4A7C15;

uint64_t Mix(uint64_t bits) {
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
  return bits ^ (bits >> 31);
}

}  // namespace

RandomStream::RandomStream(uint64_t seed, uint64_t stream)
    : state_(Mix(Mix(seed + kStep) ^ (stream * kStep + 1))) {}

uint64_t RandomStream::NextBits() {
  state_ += kStep;
  return Mix(state_);
}

double RandomStream::NextUniform() {
  return (static_cast<double>(NextBits() >> 11) + 0.5) * 0x1.0p-53;
}

double RandomStream::NextNormal() {
  const double radius = std::sqrt(-2 * std::log(NextUniform()));
  return radius * std::cos(2 * std::numbers::pi * NextUniform());
}

double RandomStream::NextGamma(double shape) {
  if (shape < 1) {
    const double power = std::pow(NextUniform(), 1 / shape);
    return NextGamma(shape + 1) * power;
  }
  const double d = shape - 1.0 / 3.0;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = NextNormal();
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(NextUniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

double RandomStream::NextBeta(double a, double b) {
  const double x = NextGamma(a);
  const double y = NextGamma(b);
  // Both vanish only where a and b are tiny: then the mass is at the ends.
  if (x + y <= 0) return NextUniform() * (a + b) < a ? 1 : 0;
  return x / (x + y);
}

}  // namespace snapledger::matchrate
