#include "services/matchrate/fitted_model.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/event/sha256.h"
#include "services/matchrate/coverage_change.h"

namespace snapledger::matchrate {
namespace {

using storage::MatchObservationRow;

// What is read of a destination's observations, and what of that is learned from: a fit's time
// grows with them.
constexpr int kObservationsReadMax = 500;
constexpr size_t kObservationsLearnedMax = 100;
constexpr std::string_view kModelName = "reach-ceiling-1";
constexpr size_t kVersionDigits = 12;

// 17 digits tell any two doubles apart.
void AppendNumber(double number, std::string* text) {
  absl::StrAppendFormat(text, "%.17g,", number);
}

void AppendShare(const AssumedShare& share, std::string* text) {
  for (const double number : {share.low, share.likely, share.high}) AppendNumber(number, text);
}

std::string VersionOf(const Assumptions& assumptions,
                      const std::vector<MatchObservation>& observations) {
  std::string learned;
  AppendShare(assumptions.reach, &learned);
  for (const auto& [kind, share] : assumptions.link_rates) {
    absl::StrAppend(&learned, static_cast<int>(kind), ":");
    AppendShare(share, &learned);
  }
  for (const MatchObservation& observation : observations) {
    absl::StrAppend(&learned, "/", observation.matches, "/", observation.events, "/");
    for (const auto& [set, share] : observation.shares) {
      absl::StrAppend(&learned, set, ":");
      AppendNumber(share, &learned);
    }
  }
  std::string digest;
  event::AppendSha256Hex(event::Sha256(learned), &digest);
  return base::Concat(kModelName, "/", digest.substr(0, kVersionDigits));
}

void LeaveOut(Observations observations, std::string_view reason,
              std::vector<LeftOutObservation>* left_out) {
  for (MatchObservationRow& observation : observations) {
    left_out->push_back({std::move(observation), std::string(reason)});
  }
}

}  // namespace

ScopeGate FittedModel::Gate(const SetShares& shares, int64_t events) const {
  return CheckScope(model, observations, shares, events);
}

v1::MeasureStatus FittedModel::StatusOf(EstimateBasis basis, absl::Time now) const {
  if (basis == EstimateBasis::kInsufficient) return v1::MEASURE_STATUS_INSUFFICIENT;
  if (basis == EstimateBasis::kPriorOnly) return v1::MEASURE_STATUS_ESTIMATED_PRIOR_ONLY;
  return through < now - kModelAgeMax ? v1::MEASURE_STATUS_STALE
                                      : v1::MEASURE_STATUS_ESTIMATED_CALIBRATED;
}

EstimateFrame FittedModel::FrameFor(EstimateBasis basis, const ValueFrame& values,
                                    int64_t events) const {
  return {.values = values,
          .events = events,
          .status = StatusOf(basis, values.as_of),
          .model_version = version,
          .data_through = basis == EstimateBasis::kPriorOnly ? values.as_of : through};
}

absl::StatusOr<SetShares> ModelFitter::MixOf(const destinations::ActiveDestination& destination,
                                             const MatchObservationRow& observation) {
  if (observation.kinds != 0) return SetShares{{observation.kinds, 1.0}};
  CoverageSelection selection = {.stage = storage::CoverageStage::kDelivered,
                                 .start_time = observation.window_start,
                                 .end_time = observation.window_end};
  if (!observation.event_name.empty()) selection.event_names = {observation.event_name};
  if (!observation.source.empty()) selection.sources = {observation.source};
  SNAPLEDGER_ASSIGN_OR_RETURN(const CoverageCounts counts,
                              coverage_.ReadTotal(destination.stored.shards, selection));
  return SharesOf(SetCounts(counts.usable_sets.begin(), counts.usable_sets.end()));
}

absl::StatusOr<FittedModel> ModelFitter::Fit(const destinations::ActiveDestination& destination) {
  SNAPLEDGER_ASSIGN_OR_RETURN(
      Observations rows,
      observations_.List(destination.stored.number, std::nullopt, kObservationsReadMax));
  ObservationChoice choice = ChooseForModel(std::move(rows));
  std::vector<LeftOutObservation> left_out;
  LeaveOut(std::move(choice.left_out), "counts events that another observation counts", &left_out);
  if (choice.taken.size() > kObservationsLearnedMax) {
    const auto newest = choice.taken.end() - kObservationsLearnedMax;
    LeaveOut({choice.taken.begin(), newest}, "older than the newest hundred", &left_out);
    choice.taken.erase(choice.taken.begin(), newest);
  }
  Observations learned;
  std::vector<MatchObservation> observations;
  absl::Time through = absl::InfinitePast();
  for (MatchObservationRow& row : choice.taken) {
    SNAPLEDGER_ASSIGN_OR_RETURN(SetShares mix, MixOf(destination, row));
    if (mix.empty()) {
      LeaveOut({std::move(row)},
               "a total of a window and scope in which the ledger delivered nothing: its mix of "
               "identifiers is not known",
               &left_out);
      continue;
    }
    through = std::max(through, row.window_end);
    observations.push_back({.shares = std::move(mix), .matches = row.matched, .events = row.total});
    learned.push_back(std::move(row));
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(CalibratedModel model,
                              CalibratedModel::Fit(DefaultAssumptions(), observations));
  std::string version = VersionOf(model.assumptions(), observations);
  return FittedModel{.model = std::move(model),
                     .learned = std::move(learned),
                     .observations = std::move(observations),
                     .left_out = std::move(left_out),
                     .version = std::move(version),
                     .through = through};
}

}  // namespace snapledger::matchrate
