#include "services/cli/value_concentration_view.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "services/base/text.h"
#include "services/cli/json_output.h"
#include "services/cli/table.h"

namespace snapledger::cli {
namespace {

std::string Share(double share) {
  return std::string(absl::StripLeadingAsciiWhitespace(Percent(share)));
}

std::string TopShare(const v1::ValueConcentration& concentration) {
  const std::string lower = Share(concentration.top_share_lower());
  const std::string upper = Share(concentration.top_share_upper());
  return lower == upper ? lower : base::Concat(lower, " to ", upper);
}

// The standard error behind a number; nothing behind an exact one.
std::string Error(double relative) {
  return relative == 0 ? "" : absl::StrFormat(" +- %.0f %%", 100 * relative);
}

std::string EffectiveValues(const v1::ValueConcentration& concentration) {
  constexpr double kFractionsBelow = 100;
  const double number = concentration.effective_values();
  return base::Concat(
      number < kFractionsBelow ? absl::StrFormat("%.1f", number) : Grouped(std::llround(number)),
      Error(concentration.effective_values_error()));
}

std::string OrdersOfOneValue(const v1::ValueConcentration& concentration) {
  if (concentration.orders_of_one_value() == 0) return "-";
  return base::Concat(concentration.exact() ? "" : "at least ",
                      Grouped(concentration.orders_of_one_value()),
                      Error(concentration.orders_of_one_value_error()));
}

}  // namespace

const char kConcentrationMeaning[] =
    "Of all events of the destination on these days, whatever their name and source. A value that "
    "many events share, such as a shop's own mailbox or a constant, tells nobody from others: it "
    "counts as usable above, but the identifier is worth less than its coverage says.";

std::vector<std::string> ConcentrationTitles() {
  return {"IDENTIFIER", "EVENTS", "MOST FREQUENT VALUE", "EFFECTIVE VALUES", "ORDERS OF ONE VALUE"};
}

std::vector<std::string> ConcentrationCells(const v1::ValueConcentration& concentration) {
  return {ShortName(v1::IdentifierKind_Name(concentration.kind()), "IDENTIFIER_KIND_"),
          Grouped(concentration.events()), TopShare(concentration), EffectiveValues(concentration),
          OrdersOfOneValue(concentration)};
}

std::string RenderValueConcentrations(const v1::GetMatchRatesResponse& rates) {
  if (rates.value_concentrations().empty()) {
    return "\nhow concentrated values are: nothing was counted on these days; events are, a few "
           "minutes after their receipt, where a process has the role maintenance\n";
  }
  std::vector<Table::Column> columns;
  for (std::string& title : ConcentrationTitles()) {
    columns.push_back(
        {std::move(title), columns.empty() ? Table::Align::kLeft : Table::Align::kRight});
  }
  Table table(std::move(columns));
  for (const v1::ValueConcentration& concentration : rates.value_concentrations()) {
    table.AddRow(ConcentrationCells(concentration));
  }
  const v1::ValueConcentration& first = rates.value_concentrations(0);
  return base::Concat("\nhow concentrated values are, counted through ",
                      TimeText(first.has_counted_through(), first.counted_through().seconds()),
                      "\n\n", table.Render(), kConcentrationMeaning, "\n");
}

}  // namespace snapledger::cli
