#include "services/matchrate/coverage_alert.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "services/matchrate/random_stream.h"

namespace snapledger::matchrate {
namespace {

constexpr double kConcentration = 400;  // of the noise beyond chance

const absl::Time kThen = absl::FromUnixSeconds(1'700'006'400);  // a full hour

PeriodCoverage Hour(int hour, double coverage, int64_t events, RandomStream* random) {
  const double rate = random->NextBeta(kConcentration * coverage, kConcentration * (1 - coverage));
  PeriodCoverage period{.start = kThen + absl::Hours(hour), .events = events};
  for (int64_t i = 0; i < events; ++i) {
    if (random->NextUniform() < rate) ++period.usable;
  }
  return period;
}

// More people are logged in by night, and fewer come.
double Seasonal(int hour) { return 0.60 + 0.25 * std::cos(hour * 2 * 3.14159265 / 24); }

TEST(CoverageAlertTest, ARealDropAlerts) {
  RandomStream random(1, 0);
  std::vector<PeriodCoverage> history;
  for (int hour = 0; hour < 72; ++hour) history.push_back(Hour(hour, 0.60, 200, &random));
  const CoverageFinding finding = CheckCoverage(history, Hour(72, 0.35, 200, &random));
  EXPECT_EQ(finding.verdict, CoverageVerdict::kFallen);
  EXPECT_NEAR(finding.usual, 0.60, 0.03);
  EXPECT_GT(finding.fall, finding.alarm_line);
  const PeriodCoverage gone{.start = kThen + absl::Hours(72), .usable = 0, .events = 200};
  EXPECT_EQ(CheckCoverage(history, gone).verdict, CoverageVerdict::kFallen);
}

TEST(CoverageAlertTest, ARiseIsNone) {
  RandomStream random(2, 0);
  std::vector<PeriodCoverage> history;
  for (int hour = 0; hour < 72; ++hour) history.push_back(Hour(hour, 0.60, 200, &random));
  EXPECT_EQ(CheckCoverage(history, Hour(72, 0.95, 200, &random)).verdict, CoverageVerdict::kSteady);
}

TEST(CoverageAlertTest, OutagesOfThePastDoNotHideANewOne) {
  RandomStream random(3, 0);
  std::vector<PeriodCoverage> history;
  for (int hour = 0; hour < 100; ++hour) {
    history.push_back(Hour(hour, hour % 5 == 0 ? 0.05 : 0.60, 300, &random));
  }
  EXPECT_EQ(CheckCoverage(history, Hour(100, 0.05, 300, &random)).verdict,
            CoverageVerdict::kFallen);
}

TEST(CoverageAlertTest, TheHourOfDayIsNoDrop) {
  RandomStream random(4, 0);
  std::vector<PeriodCoverage> history;
  for (int hour = 0; hour < 24 * 21; ++hour) {
    history.push_back(Hour(hour, Seasonal(hour), 400, &random));
  }
  int hour = 24 * 21;
  for (; hour < 24 * 22; ++hour) {
    const PeriodCoverage latest = Hour(hour, Seasonal(hour), 400, &random);
    EXPECT_EQ(CheckCoverage(history, latest).verdict, CoverageVerdict::kSteady) << hour % 24;
    history.push_back(latest);
  }
  // What is usual at noon is a drop at midnight.
  EXPECT_EQ(CheckCoverage(history, Hour(hour, 0.35, 400, &random)).verdict,
            CoverageVerdict::kFallen);
}

TEST(CoverageAlertTest, FalseAlarmsAreAsRareAsStated) {
  // 60,000 periods of noise after histories of different lengths, sizes and coverages. At the
  // stated rate of 1e-3 each, 60 alarms are expected; 100 would be five deviations more.
  RandomStream random(5, 0);
  int looked_at = 0;
  int alarms = 0;
  for (int chart = 0; chart < 600; ++chart) {
    const double coverage = 0.05 + 0.9 * random.NextUniform();
    const auto events = static_cast<int64_t>(40 * std::exp(2 * random.NextUniform()));
    const int length = 24 + static_cast<int>(random.NextUniform() * 144);
    std::vector<PeriodCoverage> history;
    for (int hour = 0; hour < length; ++hour) {
      history.push_back(Hour(hour, coverage, events, &random));
    }
    for (int i = 0; i < 100; ++i) {
      const CoverageFinding finding =
          CheckCoverage(history, Hour(length, coverage, events, &random),
                        {.false_alarm_rate = 1e-3, .fall_min = 0});
      if (finding.verdict != CoverageVerdict::kTooLittleKnown) ++looked_at;
      if (finding.verdict == CoverageVerdict::kFallen) ++alarms;
    }
  }
  EXPECT_EQ(looked_at, 60'000);
  EXPECT_LE(alarms, 100);
  RecordProperty("alarms", alarms);
}

TEST(CoverageAlertTest, TooLittleGivesNoVerdict) {
  RandomStream random(6, 0);
  std::vector<PeriodCoverage> history;
  for (int hour = 0; hour < 23; ++hour) history.push_back(Hour(hour, 0.60, 200, &random));
  const PeriodCoverage latest = Hour(30, 0.05, 200, &random);
  EXPECT_EQ(CheckCoverage(history, latest).verdict, CoverageVerdict::kTooLittleKnown);
  history.push_back(Hour(23, 0.60, 29, &random));  // too small to count
  EXPECT_EQ(CheckCoverage(history, latest).verdict, CoverageVerdict::kTooLittleKnown);
  history.push_back(Hour(24, 0.60, 30, &random));
  EXPECT_EQ(CheckCoverage(history, latest).verdict, CoverageVerdict::kFallen);
  EXPECT_EQ(CheckCoverage(history, Hour(30, 0.05, 29, &random)).verdict,
            CoverageVerdict::kTooLittleKnown);
}

TEST(CoverageAlertTest, ACertainButSmallFallIsNone) {
  std::vector<PeriodCoverage> history;
  for (int hour = 0; hour < 48; ++hour) {
    history.push_back({.start = kThen + absl::Hours(hour), .usable = 600'000, .events = 1'000'000});
  }
  const PeriodCoverage latest{
      .start = kThen + absl::Hours(48), .usable = 590'000, .events = 1'000'000};
  const CoverageFinding finding = CheckCoverage(history, latest);
  EXPECT_GT(finding.fall, finding.alarm_line);
  EXPECT_EQ(finding.verdict, CoverageVerdict::kSteady);
}

}  // namespace
}  // namespace snapledger::matchrate
