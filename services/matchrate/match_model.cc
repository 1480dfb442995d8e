#include "services/matchrate/match_model.h"

#include <vector>

#include "services/base/status_macros.h"
#include "services/matchrate/backtest.h"
#include "services/matchrate/coverage_change.h"
#include "services/matchrate/model_card.h"

namespace snapledger::matchrate {
namespace {

// A prediction is a fit of its own.
constexpr int kBacktestStepsMax = 20;

}  // namespace

absl::Status MatchModel::Get(const v1::GetMatchModelRequest& request,
                             v1::GetMatchModelResponse* response) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              directory_.Find(request.destination()));
  const absl::Time now = clock_.Now();
  SNAPLEDGER_ASSIGN_OR_RETURN(
      const CoverageCounts counts,
      coverage_.ReadTotal(destination->stored.shards, {.start_time = now - kModelAgeMax}));
  SNAPLEDGER_ASSIGN_OR_RETURN(const FittedModel model, fitter_.Fit(*destination));
  SNAPLEDGER_ASSIGN_OR_RETURN(
      const std::vector<BacktestStep> steps,
      Backtest(model.model.assumptions(), model.observations, {}, kBacktestStepsMax));
  const SetShares shares =
      SharesOf(SetCounts(counts.usable_sets.begin(), counts.usable_sets.end()));
  const BacktestSummary summary = Summarise(steps);
  response->set_model_version(model.version);
  response->set_card(RenderModelCard({.model = model,
                                      .backtest = steps,
                                      .shares = shares,
                                      .events = counts.events,
                                      .as_of = now}));
  response->set_interval_coverage(summary.within80);
  response->set_log_score(summary.log_score);
  response->set_status(model.StatusOf(model.Gate(shares, counts.events).basis, now));
  return absl::OkStatus();
}

}  // namespace snapledger::matchrate
