#include "services/matchrate/posterior_sampler.h"

#include <gtest/gtest.h>

#include <cmath>

namespace snapledger::matchrate {
namespace {

// Moments of one coordinate.
std::pair<double, double> MeanAndSpread(const PosteriorDraws& posterior, size_t coordinate) {
  double mean = 0;
  double squares = 0;
  const auto count = static_cast<double>(posterior.draws.size());
  for (const Point& draw : posterior.draws) {
    mean += draw[coordinate] / count;
    squares += draw[coordinate] * draw[coordinate] / count;
  }
  return {mean, std::sqrt(squares - mean * mean)};
}

TEST(PosteriorSamplerTest, FindsANormalPosterior) {
  // A measurement of z0 + z1 = 2 with the variance 0.01, under two standard normals.
  const PosteriorDraws posterior = SamplePosterior(
      2, [](const Point& z) { return -std::pow(z[0] + z[1] - 2, 2) / 0.02; }, /*seed=*/1, 4000);
  ASSERT_EQ(posterior.draws.size(), 4000U);
  EXPECT_NEAR(posterior.peak[0], 2 / 2.01, 1e-3);
  const auto [mean, spread] = MeanAndSpread(posterior, 0);
  EXPECT_NEAR(mean, 2 / 2.01, 0.05);
  EXPECT_NEAR(spread, std::sqrt(1 - 1 / 2.01), 0.05);
}

TEST(PosteriorSamplerTest, ReachesTheTailOfASkewedPosterior) {
  // A count of no events at the rate e^z: the posterior of z leans far to the left.
  const PosteriorDraws posterior = SamplePosterior(
      1, [](const Point& z) { return -20 * std::exp(z[0]); }, /*seed=*/1, 8000);
  double weight = 0;
  double mean = 0;
  for (double z = -8; z < 8; z += 0.001) {
    const double density = std::exp(-20 * std::exp(z) - z * z / 2);
    weight += density;
    mean += z * density;
  }
  mean /= weight;
  EXPECT_NEAR(MeanAndSpread(posterior, 0).first, mean, 0.04);
}

TEST(PosteriorSamplerTest, RepeatsItselfBySeed) {
  const auto log_likelihood = [](const Point& z) { return -z[0] * z[0]; };
  EXPECT_EQ(SamplePosterior(1, log_likelihood, 5, 50).draws,
            SamplePosterior(1, log_likelihood, 5, 50).draws);
  EXPECT_NE(SamplePosterior(1, log_likelihood, 5, 50).draws,
            SamplePosterior(1, log_likelihood, 6, 50).draws);
}

}  // namespace
}  // namespace snapledger::matchrate
