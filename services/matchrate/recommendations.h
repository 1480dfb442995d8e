#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "services/matchrate/calibrated_model.h"
#include "services/matchrate/coverage_change.h"
#include "services/matchrate/linear_estimate.h"

namespace snapledger::matchrate {

// The events of one name from one source: what a caller can change by itself.
struct CoverageScope {
  std::string event_name;
  std::string source;
  SetCounts events;
};

struct Recommendation {
  event::IdentifierKind kind = event::IdentifierKind::kEmail;
  std::string event_name;
  std::string source;
  double coverage_now = 0;
  double coverage_reachable = 0;
  // Of the scope's own rate, a share: 0.04 is four points.
  Estimate gain;
  // Of the rate of all events given: the gain times the scope's part of them.
  Estimate overall_gain;
  // For people, e.g. "raise phone coverage on START_CHECKOUT from source checkout-web from 31 % to
  // the 78 % PURCHASE has: +5.2 points (80 % interval +3.1 to +7.4), +1.1 over all events".
  std::string text;
};

struct RecommendationLimits {
  // A scope with fewer events is neither advised nor an example of what can be reached.
  int64_t events_min = 100;
  // A smaller gap in coverage is left alone.
  double gap_min = 0.01;
  // Of all events; less is not worth a line.
  double overall_gain_min = 0.001;
};

// For each scope and matching key, what it would gain were its coverage the best that another of
// the scopes has; the most overall gain first. What would gain next to nothing is left out. Pure,
// thread-safe.
std::vector<Recommendation> RankRecommendations(const CalibratedModel& model,
                                                std::span<const CoverageScope> scopes,
                                                const RecommendationLimits& limits = {});

}  // namespace snapledger::matchrate
