#include "services/matchrate/match_rate_simulation.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/error_details.h"
#include "services/base/status_macros.h"
#include "services/matchrate/coverage_change.h"
#include "services/matchrate/matching_keys.h"
#include "services/matchrate/measured_value.h"
#include "services/matchrate/recommendations.h"
#include "services/query/time_range.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierKind;

constexpr int kRecommendationsMax = 100;

bool IsMatchingKey(IdentifierKind kind) {
  const std::span<const IdentifierKind> keys = MatchingKeys();
  return std::find(keys.begin(), keys.end(), kind) != keys.end();
}

absl::StatusOr<std::vector<CoverageChange>> ReadChanges(
    const v1::SimulateMatchRateRequest& request) {
  std::vector<base::FieldViolation> violations;
  std::vector<CoverageChange> changes;
  std::set<int> seen;
  for (int i = 0; i < request.changes_size(); ++i) {
    const v1::CoverageChange& given = request.changes(i);
    const std::string field = absl::StrCat("changes[", i, "].");
    const auto kind = static_cast<IdentifierKind>(given.kind());
    if (given.kind() < v1::IDENTIFIER_KIND_EMAIL || given.kind() > v1::IDENTIFIER_KIND_IDFV) {
      violations.push_back({field + "kind", "is no identifier kind; take those of IdentifierKind"});
    } else if (!IsMatchingKey(kind)) {
      violations.push_back({field + "kind",
                            "links nobody by itself, and how much it adds to others is published "
                            "nowhere; leave it out"});
    } else if (!seen.insert(given.kind()).second) {
      violations.push_back({field + "kind", "is given twice; one change per kind"});
    }
    if (!(given.coverage() >= 0 && given.coverage() <= 1)) {
      violations.push_back({field + "coverage", "must be a share, 0 to 1"});
    }
    changes.push_back({.kind = kind, .coverage = given.coverage()});
  }
  if (!violations.empty()) return base::InvalidFieldsError(std::move(violations));
  return changes;
}

bool Wanted(const google::protobuf::RepeatedPtrField<std::string>& wanted,
            const std::string& text) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), text) != wanted.end();
}

void ToProto(const Recommendation& advice, const EstimateFrame& frame,
             v1::Recommendation* message) {
  message->set_kind(static_cast<v1::IdentifierKind>(advice.kind));
  message->set_event_name(advice.event_name);
  message->set_source(advice.source);
  message->set_coverage_now(advice.coverage_now);
  message->set_coverage_reachable(advice.coverage_reachable);
  *message->mutable_gain() = EstimatedValue(advice.overall_gain, frame);
  message->set_text(advice.text);
}

// What the request is about, and all the destination has in the range: the example of what can be
// reached may lie outside the former.
struct Scopes {
  SetCounts wanted;
  int64_t wanted_events = 0;
  std::vector<CoverageScope> all;
};

Scopes ScopesOf(const v1::SimulateMatchRateRequest& request, const CoverageGroups& groups) {
  Scopes scopes;
  for (const auto& [group, counts] : groups) {
    scopes.all.push_back(
        {.event_name = group.event_name,
         .source = group.source,
         .events = SetCounts(counts.usable_sets.begin(), counts.usable_sets.end())});
    if (!Wanted(request.event_names(), group.event_name) ||
        !Wanted(request.sources(), group.source)) {
      continue;
    }
    scopes.wanted_events += counts.events;
    for (const auto& [set, count] : counts.usable_sets) scopes.wanted[set] += count;
  }
  return scopes;
}

}  // namespace

absl::Status MatchRateSimulation::Simulate(const v1::SimulateMatchRateRequest& request,
                                           v1::SimulateMatchRateResponse* response) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<CoverageChange> changes, ReadChanges(request));
  SNAPLEDGER_ASSIGN_OR_RETURN(const query::ReadRange received,
                              query::ReadTimeRange(request.received(), "received"));
  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              directory_.Find(request.destination()));
  SNAPLEDGER_ASSIGN_OR_RETURN(
      const CoverageGroups groups,
      coverage_.Read(destination->stored.shards, {.start_time = received.start,
                                                  .end_time = received.end,
                                                  .by_event_name = true,
                                                  .by_source = true}));
  const Scopes scopes = ScopesOf(request, groups);
  SNAPLEDGER_ASSIGN_OR_RETURN(const FittedModel model, fitter_.Fit(*destination));
  const ValueFrame frame{.as_of = clock_.Now()};
  const SetShares shares = SharesOf(scopes.wanted);
  const ScopeGate gate = model.Gate(shares, scopes.wanted_events);
  if (gate.basis == EstimateBasis::kInsufficient) {
    *response->mutable_before() = NoValue(gate.reason, frame);
    *response->mutable_after() = response->before();
    *response->mutable_difference() = response->before();
    return absl::OkStatus();
  }
  const EstimateFrame estimated = model.FrameFor(gate.basis, frame, scopes.wanted_events);
  SNAPLEDGER_ASSIGN_OR_RETURN(const ChangedRate changed,
                              SimulateChanges(model.model, shares, changes));
  SetShares then = shares;
  for (const CoverageChange& change : changes) {
    SNAPLEDGER_ASSIGN_OR_RETURN(then, WithCoverage(then, change.kind, change.coverage));
  }
  const Assumptions& assumptions = model.model.assumptions();
  *response->mutable_before() =
      EstimatedRate(changed.before, PriorOfMix(assumptions, shares), estimated);
  *response->mutable_after() =
      EstimatedRate(changed.after, PriorOfMix(assumptions, then), estimated);
  *response->mutable_difference() = EstimatedValue(changed.difference, estimated);
  for (const Recommendation& advice : RankRecommendations(model.model, scopes.all)) {
    if (response->recommendations_size() == kRecommendationsMax) break;
    if (!Wanted(request.event_names(), advice.event_name) ||
        !Wanted(request.sources(), advice.source)) {
      continue;
    }
    ToProto(advice, estimated, response->add_recommendations());
  }
  return absl::OkStatus();
}

}  // namespace snapledger::matchrate
