#include "services/matchrate/intervals.h"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "absl/status/status.h"

namespace snapledger::matchrate {
namespace {

absl::Status CheckCounts(int64_t x, int64_t n, double level) {
  if (n < 1) return absl::InvalidArgumentError("no interval of nothing: n must be at least 1");
  if (x < 0 || x > n) {
    return absl::InvalidArgumentError(
        "more matches than events, or fewer than none: x must be "
        "between 0 and n");
  }
  if (!(level > 0 && level < 1)) {
    return absl::InvalidArgumentError("the level must be above 0 and below 1, e.g. 0.95");
  }
  return absl::OkStatus();
}

}  // namespace

double BetaQuantile(double a, double b, double p) {
  return boost::math::quantile(boost::math::beta_distribution<double>(a, b), p);
}

double NormalQuantile(double p) {
  return boost::math::quantile(boost::math::normal_distribution<double>(), p);
}

absl::StatusOr<Interval> WilsonInterval(int64_t x, int64_t n, double level) {
  if (absl::Status status = CheckCounts(x, n, level); !status.ok()) return status;
  const double z = NormalQuantile((1 + level) / 2);
  const auto count = static_cast<double>(n);
  const double share = static_cast<double>(x) / count;
  const double middle = (share + z * z / (2 * count)) / (1 + z * z / count);
  const double half = z * std::sqrt(share * (1 - share) / count + z * z / (4 * count * count)) /
                      (1 + z * z / count);
  // At the ends the formula gives 0 and 1 but for rounding.
  return Interval{.lower = x == 0 ? 0 : std::max(0.0, middle - half),
                  .upper = x == n ? 1 : std::min(1.0, middle + half)};
}

absl::StatusOr<Interval> JeffreysInterval(int64_t x, int64_t n, double level) {
  if (absl::Status status = CheckCounts(x, n, level); !status.ok()) return status;
  const double a = static_cast<double>(x) + 0.5;
  const double b = static_cast<double>(n - x) + 0.5;
  return Interval{.lower = x == 0 ? 0 : BetaQuantile(a, b, (1 - level) / 2),
                  .upper = x == n ? 1 : BetaQuantile(a, b, (1 + level) / 2)};
}

double SampleQuantile(const std::vector<double>& ascending, double p) {
  const double position = p * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, ascending.size() - 1);
  const double part = position - static_cast<double>(below);
  return ascending[below] + part * (ascending[above] - ascending[below]);
}

}  // namespace snapledger::matchrate
