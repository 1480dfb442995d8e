#include "tests/study/calibration.h"

#include <cmath>
#include <cstdlib>
#include <thread>

#include "absl/strings/str_format.h"
#include "services/matchrate/coverage_change.h"
#include "services/matchrate/prediction_score.h"
#include "services/matchrate/rollup_estimate.h"

namespace snapledger::study {
namespace {

using event::IdentifierMask;
using matchrate::Estimate;
using matchrate::GatedEstimate;
using matchrate::SetShares;

double TruthOf(const World& world, const SetShares& weights) {
  double sum = 0;
  for (const auto& [set, weight] : weights) sum += weight * world.rates.at(set);
  return sum;
}

CoverageCount Compare(double truth, const Estimate& estimate) {
  return {.figures = 1,
          .within80 = truth >= estimate.within80.lower && truth <= estimate.within80.upper,
          .within95 = truth >= estimate.within95.lower && truth <= estimate.within95.upper};
}

class Figures {
 public:
  Figures(const World& world, const GatedEstimate& estimate, StudyResult* result)
      : world_(world), estimate_(estimate), result_(result), estimates_(*estimate.model) {}

  void CompareAll() {
    for (const auto& [set, share] : world_.shares) {
      if (set != 0) Add("rate of a set", {{set, 1}});
    }
    for (const matchrate::IdentifierEstimate& identifier : estimate_.rollup->identifiers) {
      CompareIdentifier(identifier);
    }
    const double place =
        std::fabs(matchrate::PredictivePlace(*estimate_.model, world_.held_out) - 0.5);
    result_->figures["held-out count"].Add(
        {.figures = 1, .within80 = place <= 0.4, .within95 = place <= 0.475});
  }

 private:
  void Add(const char* figure, const SetShares& weights) {
    result_->figures[figure].Add(Compare(TruthOf(world_, weights), estimates_.Of(weights)));
  }

  void CompareIdentifier(const matchrate::IdentifierEstimate& identifier) {
    const IdentifierMask bit = event::MaskOf(identifier.kind);
    SetShares present;
    SetShares without;
    for (const auto& [set, share] : world_.shares) {
      if ((set & bit) != 0) present[set] = share / identifier.coverage;
      without[static_cast<IdentifierMask>(set & ~bit)] += share;
    }
    result_->figures["rate_when_present"].Add(
        Compare(TruthOf(world_, present), *identifier.rate_when_present));
    result_->figures["solo_rate"].Add(Compare(world_.rates.at(bit), identifier.solo_rate));
    result_->figures["contribution"].Add(Compare(
        TruthOf(world_, world_.shares) - TruthOf(world_, without), identifier.contribution));
    const SetShares raised =
        *matchrate::WithCoverage(world_.shares, identifier.kind, (1 + identifier.coverage) / 2);
    Add("gain of a change", matchrate::Minus(raised, world_.shares));
  }

  const World& world_;
  const GatedEstimate& estimate_;
  StudyResult* result_;
  matchrate::LinearEstimates estimates_;
};

void Study(const World& world, int draws, StudyResult* result) {
  KindResult& kind = result->kinds[world.kind];
  ++kind.worlds;
  const absl::StatusOr<GatedEstimate> estimate =
      matchrate::EstimateMatchRate(world.assumptions, world.observations, world.shares,
                                   /*scope_events=*/100'000, {.draws = draws});
  if (!estimate.ok()) std::abort();
  if (!estimate->rollup.has_value()) {
    ++kind.refused;
    return;
  }
  const Estimate& rate = estimate->rollup->rate;
  const CoverageCount compared = Compare(TruthOf(world, world.shares), rate);
  kind.rate.Add(compared);
  kind.width80 += rate.within80.upper - rate.within80.lower;
  kind.log_score += matchrate::LogScore(matchrate::PredictByModel(*estimate->model, world.held_out),
                                        world.held_out);
  kind.naive_union_log_score += matchrate::LogScore(
      matchrate::PredictByNaiveUnion(world.assumptions, world.observations, world.held_out),
      world.held_out);
  kind.set_rates_log_score += matchrate::LogScore(
      matchrate::PredictBySetRates(world.assumptions, world.observations, world.held_out),
      world.held_out);
  // Where nothing can be known, what slipped through shows in the refusals.
  if (world.kind == WorldKind::kUnidentifiable) return;
  result->figures["rate"].Add(compared);
  Figures(world, *estimate, result).CompareAll();
}

const char* NameOf(WorldKind kind) {
  switch (kind) {
    case WorldKind::kSetCounts:
      return "counts of sets";
    case WorldKind::kVariedTotals:
      return "totals, mix varies";
    case WorldKind::kBoth:
      return "counts and totals";
    case WorldKind::kNothing:
      return "nothing reported";
    case WorldKind::kUnidentifiable:
      return "unidentifiable";
  }
  return "";
}

}  // namespace

void CoverageCount::Add(const CoverageCount& other) {
  figures += other.figures;
  within80 += other.within80;
  within95 += other.within95;
}

void KindResult::Add(const KindResult& other) {
  worlds += other.worlds;
  refused += other.refused;
  rate.Add(other.rate);
  width80 += other.width80;
  log_score += other.log_score;
  naive_union_log_score += other.naive_union_log_score;
  set_rates_log_score += other.set_rates_log_score;
}

StudyResult RunStudy(const StudyOptions& options) {
  std::vector<StudyResult> parts(static_cast<size_t>(options.threads));
  std::vector<std::thread> running;
  for (int thread = 0; thread < options.threads; ++thread) {
    running.emplace_back([=, &options, part = &parts[static_cast<size_t>(thread)]] {
      for (int world = thread; world < options.worlds; world += options.threads) {
        Study(MakeWorld(options.seed, static_cast<uint64_t>(world), options.heterogeneity),
              options.draws, part);
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  StudyResult result;
  for (const StudyResult& part : parts) {
    for (const auto& [kind, found] : part.kinds) result.kinds[kind].Add(found);
    for (const auto& [figure, count] : part.figures) result.figures[figure].Add(count);
  }
  return result;
}

std::vector<std::string> MissedBars(const StudyResult& result, const StudyBars& bars) {
  std::vector<std::string> missed;
  for (const auto& [figure, count] : result.figures) {
    if (!(std::fabs(count.Share80() - 0.80) <= bars.margin80)) {
      missed.push_back(absl::StrFormat("%s: 80 %% intervals hold the truth in %.1f %%", figure,
                                       100 * count.Share80()));
    }
    if (!(std::fabs(count.Share95() - 0.95) <= bars.margin95)) {
      missed.push_back(absl::StrFormat("%s: 95 %% intervals hold the truth in %.1f %%", figure,
                                       100 * count.Share95()));
    }
  }
  KindResult others;
  KindResult hopeless;
  for (const auto& [kind, found] : result.kinds) {
    (kind == WorldKind::kUnidentifiable ? hopeless : others).Add(found);
  }
  if (static_cast<double>(hopeless.refused) <
      bars.refused_min * static_cast<double>(hopeless.worlds)) {
    missed.push_back(absl::StrFormat("%d of %d unidentifiable worlds refused", hopeless.refused,
                                     hopeless.worlds));
  }
  if (static_cast<double>(others.refused) >
      bars.refused_wrongly_max * static_cast<double>(others.worlds)) {
    missed.push_back(
        absl::StrFormat("%d of %d other worlds refused", others.refused, others.worlds));
  }
  if (others.log_score <= others.naive_union_log_score) {
    missed.emplace_back("no better log score than the naive union");
  }
  if (others.log_score <= others.set_rates_log_score) {
    missed.emplace_back("no better log score than raw rates of sets");
  }
  return missed;
}

std::string StudyTable(const StudyResult& result) {
  std::string table =
      absl::StrFormat("%-20s %7s %8s %8s %8s %9s %8s %8s %8s\n", "reports", "worlds", "refused",
                      "80 %", "95 %", "width 80", "model", "naive", "sets");
  for (const auto& [kind, found] : result.kinds) {
    const auto estimated = static_cast<double>(found.worlds - found.refused);
    if (estimated == 0) {
      absl::StrAppendFormat(&table, "%-20s %7d %8d\n", NameOf(kind), found.worlds, found.refused);
      continue;
    }
    absl::StrAppendFormat(&table, "%-20s %7d %8d %8.3f %8.3f %9.3f %8.2f %8.2f %8.2f\n",
                          NameOf(kind), found.worlds, found.refused, found.rate.Share80(),
                          found.rate.Share95(), found.width80 / estimated,
                          found.log_score / estimated, found.naive_union_log_score / estimated,
                          found.set_rates_log_score / estimated);
  }
  absl::StrAppendFormat(&table, "\n%-20s %7s %8s %8s\n", "figure", "number", "80 %", "95 %");
  for (const auto& [figure, count] : result.figures) {
    absl::StrAppendFormat(&table, "%-20s %7d %8.3f %8.3f\n", figure, count.figures, count.Share80(),
                          count.Share95());
  }
  return table;
}

}  // namespace snapledger::study
