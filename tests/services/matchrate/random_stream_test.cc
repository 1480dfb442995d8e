#include "services/matchrate/random_stream.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace snapledger::matchrate {
namespace {

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments MomentsOf(const std::function<double()>& next) {
  constexpr int kCount = 200'000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double value = next();
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kCount;
  return {.mean = mean, .variance = squares / kCount - mean * mean};
}

TEST(RandomStreamTest, IsTheSameEverywhere) {
  RandomStream random(7, 3);
  EXPECT_EQ(random.NextBits(), UINT64_C(11469559596805108599));
  EXPECT_EQ(random.NextBits(), UINT64_C(14132616206114372202));
}

TEST(RandomStreamTest, StreamsDiffer) {
  EXPECT_NE(RandomStream(7, 3).NextBits(), RandomStream(7, 4).NextBits());
  EXPECT_NE(RandomStream(7, 3).NextBits(), RandomStream(8, 3).NextBits());
}

TEST(RandomStreamTest, HasTheMomentsOfItsDistributions) {
  RandomStream random(1, 1);
  const Moments uniform = MomentsOf([&] { return random.NextUniform(); });
  EXPECT_NEAR(uniform.mean, 0.5, 0.005);
  EXPECT_NEAR(uniform.variance, 1.0 / 12, 0.002);
  const Moments normal = MomentsOf([&] { return random.NextNormal(); });
  EXPECT_NEAR(normal.mean, 0, 0.01);
  EXPECT_NEAR(normal.variance, 1, 0.02);
  for (const double shape : {0.3, 1.0, 7.5}) {
    const Moments gamma = MomentsOf([&] { return random.NextGamma(shape); });
    EXPECT_NEAR(gamma.mean, shape, 0.02 * std::sqrt(shape)) << shape;
    EXPECT_NEAR(gamma.variance, shape, 0.06 * shape) << shape;
  }
  const Moments beta = MomentsOf([&] { return random.NextBeta(0.6, 2.4); });
  EXPECT_NEAR(beta.mean, 0.2, 0.003);
  EXPECT_NEAR(beta.variance, 0.16 / 4, 0.001);
}

TEST(RandomStreamTest, TinyShapesLandAtTheEnds) {
  RandomStream random(1, 2);
  const Moments beta = MomentsOf([&] { return random.NextBeta(3e-6, 7e-6); });
  EXPECT_NEAR(beta.mean, 0.3, 0.01);
  EXPECT_NEAR(beta.variance, 0.21, 0.01);
}

}  // namespace
}  // namespace snapledger::matchrate
