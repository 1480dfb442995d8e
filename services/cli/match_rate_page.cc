#include "services/cli/match_rate_page.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "services/base/text.h"
#include "services/cli/json_output.h"
#include "services/cli/measured_text.h"
#include "services/cli/svg_plot.h"
#include "services/cli/table.h"
#include "services/cli/value_concentration_view.h"

namespace snapledger::cli {
namespace {

constexpr int kSetsShownMax = 12;

constexpr char kHead[] = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Match rates</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;max-width:60rem;
margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin-bottom:0}h2{font-size:1.2rem;margin:2.2rem 0 .3rem}
p{margin:.4rem 0}.note{color:#555;font-size:.9rem}
svg{width:100%;height:auto;font:12px system-ui,sans-serif}
table{border-collapse:collapse;font-size:.9rem;width:100%}
td,th{padding:.25rem .6rem;border-bottom:1px solid #ddd;text-align:left}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
.measures{display:grid;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr));gap:1rem;
margin:1.2rem 0}
.measure{border:1px solid #ddd;border-radius:6px;padding:.7rem 1rem}
.measure b{display:block;font-size:1.5rem}
</style></head><body>
)";

PlotShare ShareOf(const v1::MeasuredValue& value) {
  return {.value = value.value(), .lower = value.lower(), .upper = value.upper()};
}

bool IsNumber(const v1::MeasuredValue& value) {
  return value.status() != v1::MEASURE_STATUS_UNSPECIFIED &&
         value.status() != v1::MEASURE_STATUS_INSUFFICIENT;
}

std::string Words(v1::IdentifierKind kind) {
  std::string name = ShortName(v1::IdentifierKind_Name(kind), "IDENTIFIER_KIND_");
  std::replace(name.begin(), name.end(), '_', ' ');
  return absl::AsciiStrToLower(name);
}

std::string SetWords(const v1::IdentifierSetRate& set) {
  std::vector<std::string> words;
  for (const int kind : set.kinds()) words.push_back(Words(static_cast<v1::IdentifierKind>(kind)));
  std::string text = words.empty() ? "none" : absl::StrJoin(words, ", ");
  constexpr size_t kBytesMax = 52;
  if (text.size() > kBytesMax) text = base::Concat(text.substr(0, kBytesMax), "...");
  return text;
}

std::vector<std::string> Days(const v1::GetMatchRatesResponse& by_day) {
  std::vector<std::string> days;
  for (const v1::MatchRateRow& row : by_day.rows()) {
    days.push_back(absl::FormatTime("%m-%d", absl::FromUnixSeconds(row.period_start().seconds()),
                                    absl::UTCTimeZone()));
  }
  return days;
}

// A line for each identifier that some event carries.
std::vector<PlotSeries> CoverageSeries(const v1::GetMatchRatesResponse& by_day) {
  std::vector<PlotSeries> all;
  for (int kind = v1::IDENTIFIER_KIND_EMAIL; kind <= v1::IDENTIFIER_KIND_IDFV; ++kind) {
    PlotSeries series{.name = Words(static_cast<v1::IdentifierKind>(kind))};
    bool some = false;
    for (int i = 0; i < by_day.rows_size(); ++i) {
      for (const v1::IdentifierRate& rate : by_day.rows(i).identifiers()) {
        if (rate.kind() != kind) continue;
        series.at.push_back(static_cast<size_t>(i));
        series.shares.push_back(ShareOf(rate.usable()));
        some = some || rate.usable().numerator() > 0;
      }
    }
    if (some) all.push_back(std::move(series));
  }
  return all;
}

std::vector<PlotSeries> RateSeries(const v1::GetMatchRatesResponse& by_day) {
  PlotSeries estimated{.name = "estimated, 80 %"};
  PlotSeries observed{.name = "observed, 95 %"};
  for (int i = 0; i < by_day.rows_size(); ++i) {
    const v1::MatchRateRow& row = by_day.rows(i);
    if (IsNumber(row.estimated())) {
      estimated.at.push_back(static_cast<size_t>(i));
      estimated.shares.push_back(ShareOf(row.estimated()));
    }
    if (IsNumber(row.observed())) {
      observed.at.push_back(static_cast<size_t>(i));
      observed.shares.push_back(ShareOf(row.observed()));
    }
  }
  return {std::move(estimated), std::move(observed)};
}

std::string Measure(std::string_view name, std::string_view value, std::string_view note) {
  return base::Concat("<div class=\"measure\">", Escaped(name), "<b>", Escaped(value), "</b>",
                      "<span class=\"note\">", Escaped(note), "</span></div>\n");
}

std::string Measures(const v1::MatchRateRow& row) {
  const auto rate = [](std::string_view name, const v1::MeasuredValue& value) {
    return Measure(name, IsNumber(value) ? Percent(value.value()) : "no number",
                   BoundsNote(value).empty()
                       ? MeasuredNote(value)
                       : base::Concat(MeasuredNote(value), "; ", BoundsNote(value)));
  };
  return base::Concat("<div class=\"measures\">",
                      Measure("Events counted", Grouped(row.eligible()), "exact"),
                      rate("Observed from outside", row.observed()),
                      rate("Estimated by the model", row.estimated()), "</div>\n");
}

std::string IdentifierTable(const v1::MatchRateRow& row) {
  std::string html =
      "<table><tr><th>identifier</th><th class=\"number\">supplied</th><th "
      "class=\"number\">usable</th><th class=\"number\">rate when present</th><th "
      "class=\"number\">solo rate</th><th class=\"number\">contribution</th></tr>\n";
  for (const v1::IdentifierRate& rate : row.identifiers()) {
    if (rate.supplied().numerator() == 0 && rate.usable().numerator() == 0) continue;
    html += base::Concat("<tr><td>", Words(rate.kind()), "</td>");
    for (const v1::MeasuredValue* const value :
         {&rate.supplied(), &rate.usable(), &rate.rate_when_present(), &rate.solo_rate(),
          &rate.contribution()}) {
      html += base::Concat("<td class=\"number\">",
                           IsNumber(*value) ? Percent(value->value()) : std::string(), "</td>");
    }
    html += "</tr>\n";
  }
  return html + "</table>\n";
}

std::string ConcentrationTable(const v1::GetMatchRatesResponse& rates) {
  if (rates.value_concentrations().empty()) return "<p>Nothing was counted on these days.</p>\n";
  const auto row = [](std::string_view tag, const std::vector<std::string>& cells) {
    std::string html = "<tr>";
    for (size_t i = 0; i < cells.size(); ++i) {
      html += base::Concat("<", tag, i == 0 ? ">" : " class=\"number\">", Escaped(cells[i]), "</",
                           tag, ">");
    }
    return html + "</tr>\n";
  };
  std::vector<std::string> titles = ConcentrationTitles();
  for (std::string& title : titles) absl::AsciiStrToLower(&title);
  std::string html = base::Concat("<table>", row("th", titles));
  for (const v1::ValueConcentration& concentration : rates.value_concentrations()) {
    std::vector<std::string> cells = ConcentrationCells(concentration);
    cells[0] = Words(concentration.kind());
    html += row("td", cells);
  }
  return html + "</table>\n";
}

std::string SetPlot(const v1::MatchRateRow& row) {
  std::vector<PlotBar> bars;
  for (const v1::IdentifierSetRate& set : row.sets()) {
    if (static_cast<int>(bars.size()) == kSetsShownMax) break;
    bars.push_back({.name = SetWords(set), .share = ShareOf(set.share())});
  }
  return BarPlot(bars, {});
}

std::string PixelPlot(const v1::SimulateMatchRateResponse& simulated) {
  if (!IsNumber(simulated.before())) {
    return base::Concat("<p>No number. ", Escaped(NoNumberReason(simulated.before())), "</p>\n");
  }
  return BarPlot({{.name = "with all identifiers sent", .share = ShareOf(simulated.before())},
                  {.name = "with what a browser pixel has", .share = ShareOf(simulated.after())}},
                 {{.name = "industry claim: server 60 to 85 %", .lower = 0.60, .upper = 0.85},
                  {.name = "industry claim: pixel only below 40 %", .lower = 0, .upper = 0.40}});
}

std::string QualityTable(const v1::MatchRateRow& row) {
  if (row.quality_scores().empty()) return "<p>None was fetched.</p>\n";
  std::string html =
      "<table><tr><th>event</th><th>side</th><th>score</th><th>priority</th><th>advice</th><th>"
      "fetched</th></tr>\n";
  for (const v1::QualityScore& score : row.quality_scores()) {
    html += "<tr>";
    for (const std::string& cell :
         {score.event_name(), score.event_source(), score.score(), score.priority(), score.title(),
          TimeText(score.has_fetched_time(), score.fetched_time().seconds())}) {
      html += base::Concat("<td>", Escaped(cell), "</td>");
    }
    html += "</tr>\n";
  }
  return html + "</table>\n";
}

std::string Advice(const v1::SimulateMatchRateResponse& simulated) {
  if (simulated.recommendations().empty()) return "<p>Nothing to recommend.</p>\n";
  std::string html = "<ol>\n";
  for (const v1::Recommendation& advice : simulated.recommendations()) {
    html += base::Concat("<li>", Escaped(advice.text()), "</li>\n");
  }
  return html + "</ol>\n";
}

}  // namespace

std::string RenderMatchRatePage(const MatchRatePage& page) {
  const v1::MatchRateRow whole =
      page.whole.rows().empty() ? v1::MatchRateRow() : page.whole.rows(0);
  const std::vector<std::string> days = Days(page.by_day);
  std::string html = kHead;
  html += base::Concat(
      "<h1>Match rates of ", Escaped(page.destination), "</h1>\n<p class=\"note\">Made ",
      absl::FormatTime("%Y-%m-%d %H:%M:%SZ", page.made, absl::UTCTimeZone()),
      ". Coverage is counted; observed rates are reported from outside; estimated "
      "ones are a model's. None is made from another. Snap tells of no event "
      "whether it was matched.</p>\n",
      Measures(whole), "<p class=\"note\">Receipts: ", Escaped(page.receipts), ".</p>\n");
  html += base::Concat(
      "<h2>Coverage over time, by identifier</h2>\n<p class=\"note\">Usable share "
      "of the events of each day of receipt, UTC.</p>\n",
      LinePlot(days, CoverageSeries(page.by_day)), IdentifierTable(whole),
      "<p class=\"note\">Contributions do not add up: an event that two "
      "identifiers link is lost with neither.</p>\n");
  html += base::Concat("<h2>How concentrated values are</h2>\n<p class=\"note\">",
                       Escaped(kConcentrationMeaning), "</p>\n", ConcentrationTable(page.whole));
  html += base::Concat("<h2>Exact sets of identifiers</h2>\n", SetPlot(whole));
  html += base::Concat("<h2>Match rate with its interval</h2>\n",
                       IntervalPlot(days, RateSeries(page.by_day)));
  html += base::Concat(
      "<h2>Server against pixel only</h2>\n<p class=\"note\">Both estimated for the same events; a "
      "pixel has IP address and user agent, click id and cookie. The shaded bands are an industry "
      "claim that no page of Snap's makes; they are no target.</p>\n",
      PixelPlot(page.pixel_only));
  html += base::Concat("<h2>What to do about it</h2>\n", Advice(page.pixel_only));
  html += base::Concat(
      "<h2>Snap's quality scores</h2>\n<p class=\"note\">On Snap's own scale; a "
      "score is no percentage.</p>\n",
      QualityTable(whole), "</body></html>\n");
  return html;
}

}  // namespace snapledger::cli
