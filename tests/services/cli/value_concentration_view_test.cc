#include "services/cli/value_concentration_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::ValueConcentration Exact() {
  v1::ValueConcentration email;
  email.set_kind(v1::IDENTIFIER_KIND_EMAIL);
  email.set_events(1200);
  email.set_values(1200);
  email.set_top_share_lower(0.3);
  email.set_top_share_upper(0.3);
  email.set_effective_values(10.86);
  email.set_orders_of_one_value(12);
  email.set_exact(true);
  email.mutable_counted_through()->set_seconds(1'780'000'000);
  return email;
}

TEST(ValueConcentrationViewTest, AnExactFigureStandsAlone) {
  EXPECT_THAT(ConcentrationCells(Exact()), ElementsAre("EMAIL", "1,200", "30.0 %", "10.9", "12"));
}

TEST(ValueConcentrationViewTest, ASketchedFigureHasItsBoundsAndErrors) {
  v1::ValueConcentration phone = Exact();
  phone.set_kind(v1::IDENTIFIER_KIND_PHONE);
  phone.set_exact(false);
  phone.set_top_share_lower(0.291);
  phone.set_effective_values(12345.6);
  phone.set_effective_values_error(0.0335);
  phone.set_orders_of_one_value(140);
  phone.set_orders_of_one_value_error(0.127);
  EXPECT_THAT(ConcentrationCells(phone), ElementsAre("PHONE", "1,200", "29.1 % to 30.0 %",
                                                     "12,346 +- 3 %", "at least 140 +- 13 %"));
  phone.set_orders_of_one_value(0);
  EXPECT_EQ(ConcentrationCells(phone).back(), "-");
}

TEST(ValueConcentrationViewTest, TheTableSaysHowFarItGoesAndWhatItMeans) {
  v1::GetMatchRatesResponse rates;
  *rates.add_value_concentrations() = Exact();
  EXPECT_THAT(
      RenderValueConcentrations(rates),
      AllOf(HasSubstr("counted through 2026-05-28 20:26:40Z"), HasSubstr("MOST FREQUENT VALUE"),
            HasSubstr("30.0 %"), HasSubstr("tells nobody from others")));
  EXPECT_THAT(RenderValueConcentrations({}), HasSubstr("nothing was counted"));
}

}  // namespace
}  // namespace snapledger::cli
