#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace snapledger::matchrate {

// Intervals for a proportion of which x of n were seen, and quantiles. Pure.

// Shares, 0 to 1.
struct Interval {
  double lower = 0;
  double upper = 1;
};

// Both follow Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion" (2001):
// two-sided, at `level` in (0, 1), e.g. 0.95. INVALID_ARGUMENT: n < 1, x outside 0 to n, or a level
// outside its range.

// Its lower end is 0 at x = 0 and its upper end 1 at x = n, by the formula itself.
absl::StatusOr<Interval> WilsonInterval(int64_t x, int64_t n, double level);

// The equal-tailed interval of Beta(x + 1/2, n - x + 1/2), with the lower end 0 at x = 0 and the
// upper end 1 at x = n.
absl::StatusOr<Interval> JeffreysInterval(int64_t x, int64_t n, double level);

// The value below which Beta(a, b) has probability `p`; a, b > 0 and p in [0, 1].
double BetaQuantile(double a, double b, double p);

// The value below which the standard normal distribution has probability `p`, in (0, 1).
double NormalQuantile(double p);

// The quantile of a sample in ascending order, interpolated between its values (Hyndman and Fan's
// type 7). The sample must not be empty.
double SampleQuantile(const std::vector<double>& ascending, double p);

}  // namespace snapledger::matchrate
