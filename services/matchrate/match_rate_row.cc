#include "services/matchrate/match_rate_row.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "services/event/identifier_kind.h"
#include "services/matchrate/coverage_change.h"
#include "services/matchrate/rollup_estimate.h"
#include "services/query/proto_time.h"

namespace snapledger::matchrate {
namespace {

constexpr int kFirstKind = v1::IDENTIFIER_KIND_EMAIL;
constexpr int kLastKind = v1::IDENTIFIER_KIND_IDFV;

event::IdentifierMask BitOf(int kind) {
  return event::MaskOf(static_cast<event::IdentifierKind>(kind));
}

v1::IdentifierRate* RateOf(int kind, v1::MatchRateRow* row) {
  return row->mutable_identifiers(kind - kFirstKind);
}

event::IdentifierMask MaskOf(const v1::IdentifierSetRate& set) {
  event::IdentifierMask mask = 0;
  for (const int kind : set.kinds()) mask = static_cast<event::IdentifierMask>(mask | BitOf(kind));
  return mask;
}

// The events a row is about, as observations are told apart.
ObservedScope ScopeOf(const CoverageSelection& selection, const CoverageGroup& group) {
  ObservedScope scope = {.event_names = selection.event_names,
                         .sources = selection.sources,
                         .start = selection.start_time.value_or(absl::InfinitePast()),
                         .end = selection.end_time.value_or(absl::InfiniteFuture())};
  if (selection.by_event_name) scope.event_names = {group.event_name};
  if (selection.by_source) scope.sources = {group.source};
  if (group.period_start != absl::InfinitePast()) {
    scope.start = std::max(scope.start, group.period_start);
    scope.end = std::min(scope.end, group.period_start + absl::Hours(selection.by_hour ? 1 : 24));
  }
  return scope;
}

std::string_view MethodOf(const ObservedCount& count) {
  return count.of_parts ? "wilson, of reports on parts" : "wilson";
}

}  // namespace

MatchRateRows::MatchRateRows(const Measures& measures, const CoverageSelection& selection,
                             const ValueFrame& frame, const Observations& observations,
                             const FittedModel* model)
    : measures_(measures),
      selection_(selection),
      frame_(frame),
      observations_(observations),
      model_(model) {
  if (model != nullptr) estimates_.emplace(model->model);
}

void MatchRateRows::Fill(const CoverageGroup& group, const CoverageCounts& counts,
                         v1::MatchRateRow* row) {
  row->set_event_name(group.event_name);
  row->set_source(group.source);
  row->set_action_source(static_cast<v1::ActionSource>(group.action_source));
  if (group.period_start != absl::InfinitePast()) {
    *row->mutable_period_start() = query::TimeToProto(group.period_start);
  }
  row->set_eligible(counts.events);
  for (int kind = kFirstKind; kind <= kLastKind; ++kind) {
    row->add_identifiers()->set_kind(static_cast<v1::IdentifierKind>(kind));
  }
  if (measures_.coverage || measures_.estimated) FillSets(counts, row);
  if (measures_.coverage) FillCoverage(counts, row);
  if (measures_.observed) FillObserved(group, row);
  if (model_ != nullptr) FillEstimated(counts, row);
}

void MatchRateRows::FillCoverage(const CoverageCounts& counts, v1::MatchRateRow* row) const {
  for (int kind = kFirstKind; kind <= kLastKind; ++kind) {
    v1::IdentifierRate* rate = RateOf(kind, row);
    const auto at = static_cast<size_t>(kind);
    *rate->mutable_supplied() = ExactShare(counts.supplied[at], counts.events, frame_);
    *rate->mutable_usable() = ExactShare(counts.usable[at], counts.events, frame_);
  }
}

void MatchRateRows::FillSets(const CoverageCounts& counts, v1::MatchRateRow* row) const {
  std::vector<std::pair<uint16_t, int64_t>> sets(counts.usable_sets.begin(),
                                                 counts.usable_sets.end());
  std::stable_sort(sets.begin(), sets.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [mask, count] : sets) {
    v1::IdentifierSetRate* set = row->add_sets();
    for (int kind = kFirstKind; kind <= kLastKind; ++kind) {
      if ((mask & BitOf(kind)) != 0) set->add_kinds(static_cast<v1::IdentifierKind>(kind));
    }
    *set->mutable_share() = ExactShare(count, counts.events, frame_);
  }
}

void MatchRateRows::FillObserved(const CoverageGroup& group, v1::MatchRateRow* row) const {
  // Nobody reports by where an event happened.
  const ObservedCount none;
  const ObservedScope scope = ScopeOf(selection_, group);
  const ObservedCount whole =
      selection_.by_action_source ? none : CountObserved(observations_, scope, 0);
  *row->mutable_observed() =
      whole.total == 0
          ? NoValue("nothing was reported of these events in this range", frame_)
          : ObservedShare(whole.matched, whole.total, MethodOf(whole), whole.through, frame_.as_of);
  // The model's figure, where it is asked for too, has the field.
  if (measures_.estimated || selection_.by_action_source) return;
  for (int kind = kFirstKind; kind <= kLastKind; ++kind) {
    const ObservedCount alone = CountObserved(observations_, scope, BitOf(kind));
    if (alone.total == 0) continue;
    *RateOf(kind, row)->mutable_solo_rate() =
        ObservedShare(alone.matched, alone.total, MethodOf(alone), alone.through, frame_.as_of);
  }
}

void MatchRateRows::FillEstimated(const CoverageCounts& counts, v1::MatchRateRow* row) {
  const SetShares shares =
      SharesOf(SetCounts(counts.usable_sets.begin(), counts.usable_sets.end()));
  const ScopeGate gate = model_->Gate(shares, counts.events);
  if (gate.basis == EstimateBasis::kInsufficient) {
    *row->mutable_estimated() = NoValue(gate.reason, frame_);
    return;
  }
  const EstimateFrame estimated = model_->FrameFor(gate.basis, frame_, counts.events);
  const RollupEstimate rollup = EstimateRollup(shares, &*estimates_);
  const Assumptions& assumptions = model_->model.assumptions();
  *row->mutable_estimated() =
      EstimatedRate(rollup.rate, PriorOfMix(assumptions, shares), estimated);
  for (const IdentifierEstimate& identifier : rollup.identifiers) {
    v1::IdentifierRate* rate = RateOf(static_cast<int>(identifier.kind), row);
    if (identifier.rate_when_present) {
      *rate->mutable_rate_when_present() = EstimatedValue(*identifier.rate_when_present, estimated);
    }
    *rate->mutable_solo_rate() = EstimatedValue(identifier.solo_rate, estimated);
    *rate->mutable_contribution() = EstimatedValue(identifier.contribution, estimated);
  }
  for (v1::IdentifierSetRate& set : *row->mutable_sets()) {
    const event::IdentifierMask mask = MaskOf(set);
    *set.mutable_estimated() =
        EstimatedRate(estimates_->Of({{mask, 1.0}}), PriorOf(assumptions, mask), estimated);
  }
}

}  // namespace snapledger::matchrate
