#include "services/cli/match_rate_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

void Set(double value, int64_t numerator, v1::MeasuredValue* measured) {
  measured->set_value(value);
  measured->set_numerator(numerator);
}

v1::GetMatchRatesResponse Rates() {
  v1::GetMatchRatesResponse rates;
  v1::MatchRateRow* const row = rates.add_rows();
  row->set_event_name("PURCHASE");
  row->set_eligible(1000);
  auto* email = row->add_identifiers();
  email->set_kind(v1::IDENTIFIER_KIND_EMAIL);
  Set(0.75, 750, email->mutable_supplied());
  Set(0.5, 500, email->mutable_usable());
  row->add_identifiers()->set_kind(v1::IDENTIFIER_KIND_PHONE);
  for (int i = 1; i <= 6; ++i) {
    v1::IdentifierSetRate* const set = row->add_sets();
    set->add_kinds(v1::IDENTIFIER_KIND_EMAIL);
    Set(i / 100.0, i, set->mutable_share());
  }
  return rates;
}

TEST(MatchRateViewTest, ShowsWhatIsSuppliedWithABar) {
  const std::string text =
      RenderMatchRates(Rates(), {v1::GROUPING_EVENT_NAME}, {.colour = false, .blocks = false});
  EXPECT_THAT(text, HasSubstr("event PURCHASE: 1,000 events\n"));
  EXPECT_THAT(text, HasSubstr("EMAIL         75.0 %   50.0 %  ##########\n"));
  EXPECT_THAT(text, Not(HasSubstr("PHONE")));
  EXPECT_THAT(text, HasSubstr("(and 1 more sets)"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(MatchRateViewTest, SaysThatThereIsNothing) {
  EXPECT_EQ(RenderMatchRates({}, {}, {}), "no events in this range\n");
}

}  // namespace
}  // namespace snapledger::cli
