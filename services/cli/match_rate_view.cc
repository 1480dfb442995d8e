#include "services/cli/match_rate_view.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "services/base/text.h"
#include "services/cli/json_output.h"
#include "services/cli/measured_text.h"
#include "services/cli/table.h"

namespace snapledger::cli {
namespace {

constexpr int kBarWidth = 20;
constexpr size_t kSetsShownMax = 5;

std::string KindName(v1::IdentifierKind kind) {
  return ShortName(v1::IdentifierKind_Name(kind), "IDENTIFIER_KIND_");
}

std::string SetName(const v1::IdentifierSetRate& set) {
  std::vector<std::string> names;
  for (const int kind : set.kinds()) {
    names.push_back(KindName(static_cast<v1::IdentifierKind>(kind)));
  }
  return names.empty() ? "(none)" : absl::StrJoin(names, " ");
}

// What a row is about, e.g. "event PURCHASE, source web".
std::string Heading(const v1::MatchRateRow& row, const std::vector<v1::Grouping>& group_by) {
  std::vector<std::string> parts;
  for (const v1::Grouping grouping : group_by) {
    if (grouping == v1::GROUPING_EVENT_NAME) parts.push_back("event " + row.event_name());
    if (grouping == v1::GROUPING_SOURCE) {
      parts.push_back("source " + (row.source().empty() ? "(none)" : row.source()));
    }
    if (grouping == v1::GROUPING_ACTION_SOURCE) {
      parts.push_back(ShortName(v1::ActionSource_Name(row.action_source()), "ACTION_SOURCE_"));
    }
    if (grouping == v1::GROUPING_HOUR || grouping == v1::GROUPING_DAY) {
      parts.push_back("from " + TimeText(true, row.period_start().seconds()));
    }
  }
  const std::string events = Counted(row.eligible(), "event");
  return parts.empty() ? events : absl::StrJoin(parts, ", ") + ": " + events;
}

// Observed and estimated, each with what it rests on.
std::string Rates(const v1::MatchRateRow& row) {
  std::string text;
  const auto line = [&text](std::string_view name, const v1::MeasuredValue& value) {
    const bool number = value.status() != v1::MEASURE_STATUS_INSUFFICIENT;
    text += base::Concat(name, number ? Percent(value.value()) + ", " : std::string("  "),
                         MeasuredNote(value), "\n");
  };
  if (row.has_observed()) line("observed  ", row.observed());
  if (row.has_estimated()) line("estimated ", row.estimated());
  const std::string bounds = BoundsNote(row.estimated());
  if (!bounds.empty()) text += base::Concat("            ", bounds, "\n");
  return text.empty() ? text : text + "\n";
}

std::string RateCell(bool present, const v1::MeasuredValue& value) {
  return present ? Percent(value.value()) : "";
}

std::string Identifiers(const v1::MatchRateRow& row, const Display& display) {
  const bool rates = std::any_of(row.identifiers().begin(), row.identifiers().end(),
                                 [](const auto& rate) { return rate.has_solo_rate(); });
  std::vector<Table::Column> columns = {
      {"IDENTIFIER"}, {"SUPPLIED", Table::Align::kRight}, {"USABLE", Table::Align::kRight}, {""}};
  if (rates) {
    for (const char* const title : {"WHEN PRESENT", "SOLO", "CONTRIBUTION"}) {
      columns.push_back({title, Table::Align::kRight});
    }
  }
  Table table(std::move(columns));
  for (const v1::IdentifierRate& rate : row.identifiers()) {
    if (rate.supplied().numerator() == 0 && rate.usable().numerator() == 0) continue;
    std::vector<std::string> cells = {KindName(rate.kind()), Percent(rate.supplied().value()),
                                      Percent(rate.usable().value()),
                                      Bar(rate.usable().value(), kBarWidth, display.blocks)};
    if (rates) {
      cells.push_back(RateCell(rate.has_rate_when_present(), rate.rate_when_present()));
      cells.push_back(RateCell(rate.has_solo_rate(), rate.solo_rate()));
      cells.push_back(RateCell(rate.has_contribution(), rate.contribution()));
    }
    table.AddRow(std::move(cells));
  }
  return table.empty() ? "no event carries an identifier\n" : table.Render();
}

// Snap's own words; a score without one says since when there is none.
std::string QualityScores(const v1::MatchRateRow& row) {
  Table table({{"EVENT"}, {"SIDE"}, {"SNAP'S SCORE"}, {"PRIORITY"}, {"ADVICE"}, {"FETCHED"}});
  std::string stale;
  for (const v1::QualityScore& score : row.quality_scores()) {
    if (score.score().empty()) {
      stale += base::Concat("Snap's quality scores: ", Printable(score.title()), "\n");
      continue;
    }
    table.AddRow({Printable(score.event_name()), Printable(score.event_source()), score.score(),
                  Printable(score.priority()), Printable(score.title()),
                  TimeText(score.has_fetched_time(), score.fetched_time().seconds())});
  }
  const std::string text = (table.empty() ? "" : table.Render()) + stale;
  return text.empty() ? "" : "\n" + text;
}

std::string Sets(const v1::MatchRateRow& row, const Display& display) {
  std::vector<const v1::IdentifierSetRate*> sets;
  for (const v1::IdentifierSetRate& set : row.sets()) sets.push_back(&set);
  std::stable_sort(sets.begin(), sets.end(), [](const auto* a, const auto* b) {
    return a->share().value() > b->share().value();
  });
  Table table({{"SHARE", Table::Align::kRight}, {""}, {"EXACTLY THESE IDENTIFIERS"}});
  for (size_t i = 0; i < std::min(sets.size(), kSetsShownMax); ++i) {
    table.AddRow({Percent(sets[i]->share().value()),
                  Bar(sets[i]->share().value(), kBarWidth, display.blocks), SetName(*sets[i])});
  }
  if (table.empty()) return "";
  std::string text = "\n" + table.Render();
  if (sets.size() > kSetsShownMax) {
    text += base::Concat("(and ", sets.size() - kSetsShownMax, " more sets)\n");
  }
  return text;
}

}  // namespace

std::string RenderMatchRates(const v1::GetMatchRatesResponse& rates,
                             const std::vector<v1::Grouping>& group_by, const Display& display) {
  std::string text;
  for (const v1::MatchRateRow& row : rates.rows()) {
    if (!text.empty()) text += '\n';
    if (display.colour) text += kBold;
    text += Heading(row, group_by);
    if (display.colour) text += kPlain;
    text +=
        "\n\n" + Rates(row) + Identifiers(row, display) + Sets(row, display) + QualityScores(row);
  }
  return text.empty() ? "no events in this range\n" : text;
}

}  // namespace snapledger::cli
