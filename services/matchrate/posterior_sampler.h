#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace snapledger::matchrate {

// Draws from a density of a few dimensions (up to about twenty) that has one peak. Pure,
// thread-safe; blocks for about draws * 12 evaluations.

using Point = std::vector<double>;

struct PosteriorDraws {
  Point peak;
  std::vector<Point> draws;
};

// The density is exp(log_likelihood(z)) times that of independent standard normals: what is unknown
// is brought to that scale by the caller. `log_likelihood` must be smooth and finite.
//
// The peak is found by Newton's steps. The draws are elliptical slice sampling (Murray, Adams and
// MacKay, 2010), which has nothing to tune: in turn under the normal approximation at the peak
// (Nishihara, Murray and Adams, 2014), which moves far, and under the prior, which reaches tails
// the approximation has not.
PosteriorDraws SamplePosterior(size_t dimensions,
                               const std::function<double(const Point&)>& log_likelihood,
                               uint64_t seed, int draws);

}  // namespace snapledger::matchrate
