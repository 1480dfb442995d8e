#include "services/matchrate/coverage_alert.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <vector>

namespace snapledger::matchrate {
namespace {

constexpr int64_t kHoursOfDay = 24;
// From a median absolute deviation to a standard deviation, for normal noise.
constexpr double kDeviationScale = 1.4826;
// How much of the information on the spread the median absolute deviation uses.
constexpr double kDeviationEfficiency = 0.37;

// Anscombe's transform: about normal, with the variance below whatever the share is.
double Arcsine(const PeriodCoverage& period) {
  return std::asin(std::sqrt((static_cast<double>(period.usable) + 0.375) /
                             (static_cast<double>(period.events) + 0.75)));
}
double ChanceVariance(const PeriodCoverage& period) {
  return 1 / (4 * static_cast<double>(period.events) + 2);
}

double MedianOf(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

int64_t HourOfDay(absl::Time time) { return absl::ToUnixSeconds(time) / 3600 % kHoursOfDay; }

bool NearHourOfDay(absl::Time one, absl::Time other) {
  const int64_t apart = std::abs(HourOfDay(one) - HourOfDay(other));
  return std::min(apart, kHoursOfDay - apart) <= 1;
}

// The periods to compare with, those of the same season where there are enough of them.
std::vector<PeriodCoverage> Comparable(std::span<const PeriodCoverage> history,
                                       const PeriodCoverage& latest, const AlertLimits& limits) {
  std::vector<PeriodCoverage> all;
  std::vector<PeriodCoverage> season;
  int64_t same_hour = 0;
  for (const PeriodCoverage& period : history) {
    if (period.start >= latest.start || period.events < limits.events_min) continue;
    all.push_back(period);
    if (!NearHourOfDay(period.start, latest.start)) continue;
    season.push_back(period);
    if (HourOfDay(period.start) == HourOfDay(latest.start)) ++same_hour;
  }
  const bool seasonal =
      same_hour >= limits.seasonal_days_min &&
      static_cast<int64_t>(season.size()) >= std::max<int64_t>(limits.periods_min, 1);
  return seasonal ? season : all;
}

}  // namespace

CoverageFinding CheckCoverage(std::span<const PeriodCoverage> history, const PeriodCoverage& latest,
                              const AlertLimits& limits) {
  CoverageFinding finding;
  if (latest.events < std::max<int64_t>(limits.events_min, 1)) return finding;
  finding.coverage = static_cast<double>(latest.usable) / static_cast<double>(latest.events);
  const std::vector<PeriodCoverage> periods = Comparable(history, latest, limits);
  if (static_cast<int64_t>(periods.size()) < std::max<int64_t>(limits.periods_min, 2)) {
    return finding;
  }
  std::vector<double> heights;
  std::vector<double> chances;
  for (const PeriodCoverage& period : periods) {
    heights.push_back(Arcsine(period));
    chances.push_back(ChanceVariance(period));
  }
  const double centre = MedianOf(heights);
  for (double& height : heights) height = std::fabs(height - centre);
  const double deviation = kDeviationScale * MedianOf(heights);
  const auto count = static_cast<double>(periods.size());
  // What the deviation holds beyond chance comes on top of the latest period's own chance.
  const double beyond = std::max(0.0, deviation * deviation - MedianOf(chances));
  // The median has the variance pi / 2n of what it is the median of.
  const double of_centre =
      std::numbers::pi / (2 * count) * std::max(deviation * deviation, MedianOf(chances));
  const double spread = std::sqrt(beyond + ChanceVariance(latest) + of_centre);
  const boost::math::students_t student(std::max(4.0, kDeviationEfficiency * (count - 1)));
  finding.usual = std::sin(centre) * std::sin(centre);
  finding.fall = (centre - Arcsine(latest)) / spread;
  finding.alarm_line =
      boost::math::quantile(boost::math::complement(student, limits.false_alarm_rate));
  const bool fallen =
      finding.fall > finding.alarm_line && finding.usual - finding.coverage >= limits.fall_min;
  finding.verdict = fallen ? CoverageVerdict::kFallen : CoverageVerdict::kSteady;
  return finding;
}

}  // namespace snapledger::matchrate
