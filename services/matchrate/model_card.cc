#include "services/matchrate/model_card.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "services/base/text.h"
#include "services/matchrate/intervals.h"
#include "services/matchrate/matching_keys.h"
#include "services/matchrate/measured_value.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierMask;
using storage::MatchObservationRow;

constexpr size_t kSetsShownMax = 20;

std::string Percent(double share) { return absl::StrFormat("%.1f %%", 100 * share); }

std::string Range(const Interval& interval) {
  return base::Concat(Percent(interval.lower), " to ", Percent(interval.upper));
}

// A name a caller gave cannot break a table or begin markup.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (std::string_view("\\|`*_<>[]#").find(c) != std::string_view::npos) cell += '\\';
    cell += c;
  }
  return cell;
}

std::string SetWords(IdentifierMask set) {
  std::vector<std::string> words;
  for (const event::IdentifierKind kind : MatchingKeys()) {
    if ((set & event::MaskOf(kind)) != 0) words.emplace_back(IdentifierWords(kind));
  }
  return words.empty() ? "no matching key" : absl::StrJoin(words, ", ");
}

std::string ScopeWords(const MatchObservationRow& row) {
  std::string words = row.event_name.empty() ? "all events" : Cell(row.event_name);
  if (!row.source.empty()) words += base::Concat(" from ", Cell(row.source));
  if (row.kinds != 0) words += base::Concat(" with exactly ", SetWords(row.kinds));
  return words;
}

std::string WindowWords(const MatchObservationRow& row) {
  constexpr char kForm[] = "%Y-%m-%d %H:%M";
  return base::Concat(absl::FormatTime(kForm, row.window_start, absl::UTCTimeZone()), " to ",
                      absl::FormatTime(kForm, row.window_end, absl::UTCTimeZone()));
}

std::string AssumptionsPart(const FittedModel& model) {
  std::string text =
      "## Assumptions\n\nShares that hold nine times of ten within low and high. They are wide "
      "guesses of this program; Snap publishes none.\n\n| assumption | low | likely | high "
      "|\n|---|---|---|---|\n";
  const auto row = [&text](std::string_view what, const AssumedShare& share) {
    text += base::Concat("| ", what, " | ", Percent(share.low), " | ", Percent(share.likely), " | ",
                         Percent(share.high), " |\n");
  };
  row("buyers with an account (reach)", model.model.assumptions().reach);
  for (const auto& [kind, share] : model.model.assumptions().link_rates) {
    row(base::Concat("link rate of ", IdentifierWords(kind)), share);
  }
  return text;
}

std::string LearnedPart(const FittedModel& model) {
  if (model.learned.empty()) {
    return "\n## Reports\n\nNothing was reported that could be learned from: estimates rest on the "
           "assumptions alone.\n";
  }
  std::string text = absl::StrFormat(
      "\n## Reports\n\nLearned from %d reports; how strongly sets follow the structure (kappa) is "
      "%.0f at its peak.\n\n| window (UTC) | about | matched | of | share | Wilson 95 %% | "
      "Jeffreys "
      "95 %% |\n|---|---|---|---|---|---|---|\n",
      model.learned.size(), model.model.concentration());
  for (const MatchObservationRow& row : model.learned) {
    const absl::StatusOr<Interval> wilson = WilsonInterval(row.matched, row.total, kObservedLevel);
    const absl::StatusOr<Interval> jeffreys =
        JeffreysInterval(row.matched, row.total, kObservedLevel);
    if (!wilson.ok() || !jeffreys.ok()) continue;
    const double share = static_cast<double>(row.matched) / static_cast<double>(row.total);
    text += base::Concat("| ", WindowWords(row), " | ", ScopeWords(row), " | ", row.matched, " | ",
                         row.total, " | ", Percent(share), " | ", Range(*wilson), " | ",
                         Range(*jeffreys), " |\n");
  }
  return text;
}

std::string LeftOutPart(const FittedModel& model) {
  if (model.left_out.empty()) return "";
  std::string text = "\nNot learned from:\n\n";
  for (const LeftOutObservation& left_out : model.left_out) {
    text += base::Concat("- ", ScopeWords(left_out.observation), ", ",
                         WindowWords(left_out.observation), ": ", left_out.reason, "\n");
  }
  return text;
}

std::string BacktestPart(std::span<const BacktestStep> steps) {
  std::string text = "\n## Back-test\n\n";
  if (steps.empty()) return text + "Nothing to test against yet.\n";
  const BacktestSummary summary = Summarise(steps);
  text += absl::StrFormat(
      "Each of the last %d reports was predicted from those before it. Within the 80 %% interval: "
      "%s; within the 95 %% interval: %s.\n\n| mean log score | value |\n|---|---|\n| this model | "
      "%.2f |\n| naive union | %.2f |\n| raw rates of sets | %.2f |\n",
      summary.observations, Percent(summary.within80), Percent(summary.within95), summary.log_score,
      summary.naive_union_log_score, summary.set_rates_log_score);
  return text;
}

// Shares by set of matching keys, most frequent first.
std::vector<std::pair<IdentifierMask, double>> KeySets(const CardContents& contents) {
  SetShares shares;
  for (const auto& [set, share] : contents.shares) {
    shares[KeysOf(contents.model.model.assumptions(), set)] += share;
  }
  std::vector<std::pair<IdentifierMask, double>> sets(shares.begin(), shares.end());
  std::stable_sort(sets.begin(), sets.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (sets.size() > kSetsShownMax) sets.resize(kSetsShownMax);
  return sets;
}

std::string SetsPart(const CardContents& contents, bool numbers) {
  std::string text = absl::StrFormat(
      "\n## Sets of identifiers\n\nOf the %d events of the last 90 days. *Prior* is the formula at "
      "the likely values; the bounds hold however the identifiers depend on each other (Fréchet), "
      "and under the reach; the naive union, as if failures were independent, is too high.\n\n| "
      "set | share | estimate, 80 %% interval | prior | bounds | under the reach | naive union "
      "|\n|---|---|---|---|---|---|---|\n",
      contents.events);
  LinearEstimates estimates(contents.model.model);
  for (const auto& [set, share] : KeySets(contents)) {
    const SetPrior prior = PriorOf(contents.model.model.assumptions(), set);
    const Estimate estimate = estimates.Of({{set, 1.0}});
    text += absl::StrFormat(
        "| %s | %s | %s | %.3f | %.3f to %.3f | %.3f to %.3f | %.3f |\n", SetWords(set),
        Percent(share),
        numbers ? base::Concat(Percent(estimate.value), ", ", Range(estimate.within80)) : "none",
        prior.rate, prior.lower_bound, prior.upper_bound, prior.lower_bound,
        prior.reach_upper_bound, prior.naive_union);
  }
  return text;
}

std::string RatePart(const CardContents& contents, const ScopeGate& gate) {
  std::string text = "\n## Estimate\n\n";
  if (gate.basis == EstimateBasis::kInsufficient) {
    return base::Concat(text, "None: ", gate.reason, ".\n");
  }
  LinearEstimates estimates(contents.model.model);
  const RollupEstimate rollup = EstimateRollup(contents.shares, &estimates);
  text += base::Concat("Of all events of the last 90 days: ", Percent(rollup.rate.value),
                       "; 80 % interval ", Range(rollup.rate.within80), ", 95 % interval ",
                       Range(rollup.rate.within95),
                       ".\n\nContributions do not add up to the rate: an event that two "
                       "identifiers link is lost with neither.\n\n| identifier | coverage | rate "
                       "when present | solo rate | contribution, 80 % interval "
                       "|\n|---|---|---|---|---|\n");
  for (const IdentifierEstimate& identifier : rollup.identifiers) {
    const std::string present = identifier.rate_when_present.has_value()
                                    ? Percent(identifier.rate_when_present->value)
                                    : "none has it";
    text += base::Concat(
        "| ", IdentifierWords(identifier.kind), " | ", Percent(identifier.coverage), " | ", present,
        " | ", Percent(identifier.solo_rate.value), " | ", Percent(identifier.contribution.value),
        ", ", Range(identifier.contribution.within80), " |\n");
  }
  return text;
}

std::string Standing(v1::MeasureStatus status, const FittedModel& model) {
  switch (status) {
    case v1::MEASURE_STATUS_ESTIMATED_PRIOR_ONLY:
      return "It rests on assumptions alone.";
    case v1::MEASURE_STATUS_ESTIMATED_CALIBRATED:
      return "It is calibrated by reported counts.";
    case v1::MEASURE_STATUS_STALE:
      return base::Concat("It is stale: nothing was reported of events after ",
                          absl::FormatTime("%Y-%m-%d", model.through, absl::UTCTimeZone()), ".");
    default:
      return "It gives no number for these events.";
  }
}

}  // namespace

std::string RenderModelCard(const CardContents& contents) {
  const FittedModel& model = contents.model;
  const ScopeGate gate = model.Gate(contents.shares, contents.events);
  const bool numbers = gate.basis != EstimateBasis::kInsufficient;
  return base::Concat(
      "# Match rate model ", model.version,
      "\n\nThe rate of an event with a set of matching keys: "
      "reach * (1 - product of (1 - link rate)), and per set as far from it as reports say. ",
      Standing(model.StatusOf(gate.basis, contents.as_of), model),
      " Snap tells of no event whether it was matched.\n\n", AssumptionsPart(model),
      LearnedPart(model), LeftOutPart(model), BacktestPart(contents.backtest),
      RatePart(contents, gate), SetsPart(contents, numbers));
}

}  // namespace snapledger::matchrate
