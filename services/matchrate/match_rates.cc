#include "services/matchrate/match_rates.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/error_details.h"
#include "services/base/status_macros.h"
#include "services/matchrate/match_rate_row.h"
#include "services/matchrate/quality_scores.h"
#include "services/query/time_range.h"

namespace snapledger::matchrate {
namespace {

constexpr int kObservationsReadMax = 500;

absl::StatusOr<Measures> ReadMeasures(const v1::GetMatchRatesRequest& request) {
  Measures measures{.coverage = request.measures().empty()};
  for (int i = 0; i < request.measures_size(); ++i) {
    switch (request.measures(i)) {
      case v1::MEASURE_COVERAGE:
        measures.coverage = true;
        break;
      case v1::MEASURE_OBSERVED:
        measures.observed = true;
        break;
      case v1::MEASURE_ESTIMATED:
        measures.estimated = true;
        break;
      default:
        return base::InvalidFieldError(absl::StrCat("measures[", i, "]"), "an unknown measure");
    }
  }
  return measures;
}

absl::Status ReadGroupings(const v1::GetMatchRatesRequest& request, CoverageSelection* selection) {
  for (int i = 0; i < request.group_by_size(); ++i) {
    switch (request.group_by(i)) {
      case v1::GROUPING_EVENT_NAME:
        selection->by_event_name = true;
        break;
      case v1::GROUPING_SOURCE:
        selection->by_source = true;
        break;
      case v1::GROUPING_ACTION_SOURCE:
        selection->by_action_source = true;
        break;
      case v1::GROUPING_HOUR:
        selection->by_hour = true;
        break;
      case v1::GROUPING_DAY:
        selection->by_day = true;
        break;
      default:
        return base::InvalidFieldError(absl::StrCat("group_by[", i, "]"), "an unknown grouping");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<CoverageSelection> ReadSelection(const v1::GetMatchRatesRequest& request) {
  CoverageSelection selection = {
      .event_names = {request.event_names().begin(), request.event_names().end()},
      .sources = {request.sources().begin(), request.sources().end()},
      .recount = request.recount()};
  SNAPLEDGER_RETURN_IF_ERROR(ReadGroupings(request, &selection));
  switch (request.denominator_kind()) {
    case v1::DENOMINATOR_KIND_UNSPECIFIED:
    case v1::DENOMINATOR_KIND_RECORDED:
      break;
    case v1::DENOMINATOR_KIND_DELIVERED:
      selection.stage = storage::CoverageStage::kDelivered;
      break;
    default:
      return base::InvalidFieldError("denominator_kind",
                                     "coverage is of recorded or delivered events");
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(const query::ReadRange received,
                              query::ReadTimeRange(request.received(), "received"));
  selection.start_time = received.start;
  selection.end_time = received.end;
  return selection;
}

bool HasEvidence(const Observations& observations, const storage::QualityStanding& quality) {
  return !observations.empty() || quality.fetched_time || quality.failing_since;
}

}  // namespace

absl::Status MatchRates::Get(const v1::GetMatchRatesRequest& request,
                             v1::GetMatchRatesResponse* response) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const Measures measures, ReadMeasures(request));
  SNAPLEDGER_ASSIGN_OR_RETURN(const CoverageSelection selection, ReadSelection(request));
  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              directory_.Find(request.destination()));
  SNAPLEDGER_ASSIGN_OR_RETURN(CoverageGroups groups,
                              coverage_.Read(destination->stored.shards, selection));
  const ValueFrame frame = {
      .denominator_kind = selection.stage == storage::CoverageStage::kDelivered
                              ? v1::DENOMINATOR_KIND_DELIVERED
                              : v1::DENOMINATOR_KIND_RECORDED,
      .as_of = clock_.Now()};
  Observations observations;
  storage::QualityStanding quality;
  if (measures.observed) {
    SNAPLEDGER_ASSIGN_OR_RETURN(
        observations, evidence_.observations.List(destination->stored.number, std::nullopt,
                                                  kObservationsReadMax));
    SNAPLEDGER_ASSIGN_OR_RETURN(quality, evidence_.quality.Standing(destination->stored.number));
    // What was reported is told even where the ledger holds no event of the range.
    if (request.group_by().empty() && HasEvidence(observations, quality)) {
      groups.try_emplace(CoverageGroup{});
    }
  }
  std::optional<FittedModel> model;
  if (measures.estimated) {
    SNAPLEDGER_ASSIGN_OR_RETURN(model, fitter_.Fit(*destination));
  }
  MatchRateRows rows(measures, selection, frame, observations, model ? &*model : nullptr);
  for (const auto& [group, counts] : groups) {
    v1::MatchRateRow* const row = response->add_rows();
    rows.Fill(group, counts, row);
    if (measures.observed) FillQualityScores(quality, selection, group, row);
  }
  if (!request.value_concentrations()) return absl::OkStatus();
  return concentrations_.Fill(destination->stored.shards, selection.start_time, selection.end_time,
                              response);
}

}  // namespace snapledger::matchrate
