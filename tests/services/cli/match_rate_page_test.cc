#include "services/cli/match_rate_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

v1::MeasuredValue Estimated(double value) {
  v1::MeasuredValue measured;
  measured.set_value(value);
  measured.set_lower(value - 0.1);
  measured.set_upper(value + 0.1);
  measured.set_level(0.8);
  measured.set_method("reach-ceiling prior; naive union 70.1 %: too optimistic");
  measured.set_status(v1::MEASURE_STATUS_ESTIMATED_PRIOR_ONLY);
  return measured;
}

v1::MatchRateRow Row() {
  v1::MatchRateRow row;
  row.set_eligible(1000);
  v1::IdentifierRate* const email = row.add_identifiers();
  email->set_kind(v1::IDENTIFIER_KIND_EMAIL);
  email->mutable_usable()->set_value(0.5);
  email->mutable_usable()->set_numerator(500);
  email->mutable_usable()->set_status(v1::MEASURE_STATUS_EXACT);
  row.mutable_observed()->set_status(v1::MEASURE_STATUS_INSUFFICIENT);
  row.mutable_observed()->set_method("none: nothing was reported");
  *row.mutable_estimated() = Estimated(0.555);
  return row;
}

MatchRatePage Page() {
  MatchRatePage page{
      .destination = "<i>pixel</i>", .made = absl::UnixEpoch(), .receipts = "9 of 10"};
  *page.whole.add_rows() = Row();
  *page.by_day.add_rows() = Row();
  *page.pixel_only.mutable_before() = Estimated(0.555);
  *page.pixel_only.mutable_after() = Estimated(0.15);
  page.pixel_only.add_recommendations()->set_text("raise phone");
  return page;
}

TEST(MatchRatePageTest, KeepsTheMeasuresApartAndShowsTheNaiveUnionBesideTheEstimate) {
  const std::string html = RenderMatchRatePage(Page());
  EXPECT_THAT(html, AllOf(HasSubstr("Observed from outside<b>no number</b>"),
                          HasSubstr("none: nothing was reported"),
                          HasSubstr("Estimated by the model<b> 55.5 %</b>"),
                          HasSubstr("naive union 70.1 %: too optimistic")));
  EXPECT_THAT(html, AllOf(HasSubstr("polyline"), HasSubstr("<li>raise phone</li>"),
                          HasSubstr("industry claim: pixel only below 40 %"),
                          HasSubstr("Contributions do not add up"), HasSubstr("None was fetched."),
                          HasSubstr("Receipts: 9 of 10.")));
}

TEST(MatchRatePageTest, NamesCannotBeMarkup) {
  EXPECT_THAT(RenderMatchRatePage(Page()),
              AllOf(HasSubstr("&lt;i&gt;pixel"), Not(HasSubstr("<i>"))));
}

TEST(MatchRatePageTest, SaysWhyThereIsNoNumber) {
  MatchRatePage page{.destination = "pixel"};
  page.pixel_only.mutable_before()->set_status(v1::MEASURE_STATUS_INSUFFICIENT);
  page.pixel_only.mutable_before()->set_method("none: 3 events are too few");
  EXPECT_THAT(RenderMatchRatePage(page), AllOf(HasSubstr("No number. 3 events are too few"),
                                               HasSubstr("Nothing to recommend.")));
}

}  // namespace
}  // namespace snapledger::cli
