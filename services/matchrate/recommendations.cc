#include "services/matchrate/recommendations.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include "absl/strings/str_format.h"
#include "services/base/text.h"
#include "services/matchrate/matching_keys.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierKind;

struct ScopeCoverage {
  const CoverageScope* scope = nullptr;
  SetShares shares;
  double part = 0;  // of all events
};

std::string SourceWords(const std::string& source) {
  return source.empty() ? "no named source" : base::Concat("source ", source);
}

// By what the example differs from the scope that is advised.
std::string NameOf(const CoverageScope& example, const CoverageScope& advised) {
  if (example.source == advised.source) return example.event_name;
  if (example.event_name == advised.event_name) return SourceWords(example.source);
  return base::Concat(example.event_name, " from ", SourceWords(example.source));
}

std::string TextOf(const Recommendation& advice, const CoverageScope& example,
                   const CoverageScope& advised) {
  const std::string gain =
      absl::StrFormat("%+.1f points (80 %% interval %+.1f to %+.1f), %+.1f over all events",
                      100 * advice.gain.value, 100 * advice.gain.within80.lower,
                      100 * advice.gain.within80.upper, 100 * advice.overall_gain.value);
  return base::Concat("raise ", IdentifierWords(advice.kind), " coverage on ", advice.event_name,
                      " from ", SourceWords(advised.source), " from ",
                      std::lround(100 * advice.coverage_now), " % to the ",
                      std::lround(100 * advice.coverage_reachable), " % ", NameOf(example, advised),
                      " has: ", gain);
}

std::vector<ScopeCoverage> LargeScopes(std::span<const CoverageScope> scopes, int64_t events_min) {
  std::vector<ScopeCoverage> large;
  double all = 0;
  for (const CoverageScope& scope : scopes) {
    int64_t events = 0;
    for (const auto& [set, count] : scope.events) events += count;
    all += static_cast<double>(events);
    if (events < std::max<int64_t>(events_min, 1)) continue;
    large.push_back(
        {.scope = &scope, .shares = SharesOf(scope.events), .part = static_cast<double>(events)});
  }
  for (ScopeCoverage& scope : large) scope.part /= all;
  return large;
}

Estimate Scaled(const Estimate& estimate, double factor) {
  const auto scaled = [factor](const Interval& interval) {
    return Interval{.lower = factor * interval.lower, .upper = factor * interval.upper};
  };
  return {.value = factor * estimate.value,
          .within80 = scaled(estimate.within80),
          .within95 = scaled(estimate.within95)};
}

}  // namespace

std::vector<Recommendation> RankRecommendations(const CalibratedModel& model,
                                                std::span<const CoverageScope> scopes,
                                                const RecommendationLimits& limits) {
  const std::vector<ScopeCoverage> large = LargeScopes(scopes, limits.events_min);
  LinearEstimates estimates(model);
  std::vector<Recommendation> ranked;
  for (const auto& [kind, link_rate] : model.assumptions().link_rates) {
    const auto less = [kind = kind](const ScopeCoverage& one, const ScopeCoverage& other) {
      return CoverageOf(one.shares, kind) < CoverageOf(other.shares, kind);
    };
    const auto best = std::max_element(large.begin(), large.end(), less);
    if (best == large.end()) continue;
    const double reachable = CoverageOf(best->shares, kind);
    for (const ScopeCoverage& scope : large) {
      const double now = CoverageOf(scope.shares, kind);
      if (reachable - now < limits.gap_min) continue;
      const absl::StatusOr<SetShares> raised =
          WithCoverage(scope.shares, kind, std::min(reachable, 1.0));
      if (!raised.ok()) continue;
      Recommendation advice{.kind = kind,
                            .event_name = scope.scope->event_name,
                            .source = scope.scope->source,
                            .coverage_now = now,
                            .coverage_reachable = reachable,
                            .gain = estimates.Of(Minus(*raised, scope.shares))};
      advice.overall_gain = Scaled(advice.gain, scope.part);
      if (advice.overall_gain.value < limits.overall_gain_min) continue;
      advice.text = TextOf(advice, *best->scope, *scope.scope);
      ranked.push_back(std::move(advice));
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& one, const auto& other) {
    return one.overall_gain.value > other.overall_gain.value;
  });
  return ranked;
}

}  // namespace snapledger::matchrate
