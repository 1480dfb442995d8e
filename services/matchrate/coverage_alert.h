#pragma once

#include <cstdint>
#include <span>

#include "absl/time/time.h"

namespace snapledger::matchrate {

// Whether an identifier's coverage fell against its own history: a robust control chart. Pure,
// thread-safe.

// One period, an hour or a day, of one identifier in one scope.
struct PeriodCoverage {
  absl::Time start;
  int64_t usable = 0;
  int64_t events = 0;
};

struct AlertLimits {
  // Alerts per period looked at, where nothing but chance is at work.
  double false_alarm_rate = 1e-4;
  // A smaller fall, in shares, is no alert however certain.
  double fall_min = 0.02;
  // Periods with fewer events are not looked at.
  int64_t events_min = 30;
  // Of history; fewer give no verdict.
  int64_t periods_min = 24;
  // Days of one hour of day from which on an hour is compared with its own hour of day.
  int64_t seasonal_days_min = 14;
};

enum class CoverageVerdict { kTooLittleKnown, kSteady, kFallen };

struct CoverageFinding {
  CoverageVerdict verdict = CoverageVerdict::kTooLittleKnown;
  double coverage = 0;
  double usual = 0;  // the median of the history it is compared with
  // How far below usual, in units of the usual spread, and where the alarm line is.
  double fall = 0;
  double alarm_line = 0;
};

// Compares `latest` with the periods of `history` before it, of the same length each. Where the
// history has enough days, an hour is compared with the same hour of day (UTC) and its two
// neighbours. On the arcsine scale, where chance does not depend on the share: the centre is the
// median; the spread is the median absolute deviation, never less than chance alone makes; the
// alarm line is Student's t, since a spread from few periods is itself uncertain.
CoverageFinding CheckCoverage(std::span<const PeriodCoverage> history, const PeriodCoverage& latest,
                              const AlertLimits& limits = {});

}  // namespace snapledger::matchrate
