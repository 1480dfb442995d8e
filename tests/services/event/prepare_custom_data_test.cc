// Amounts, contents and labels, seen through Prepare.

#include <gtest/gtest.h>

#include "tests/services/event/example_event.h"
#include "tests/services/event/finding_matchers.h"

namespace snapledger::event {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

PreparedEvent WithCustom(const RawCustomData& custom, int standard_event = 1) {
  RawEvent raw = ExamplePurchase();
  raw.standard_event = standard_event;
  raw.custom_data = custom;
  return Prepare(raw, PixelPolicy());
}

RawCustomData Amount() {
  RawCustomData custom;
  custom.currency = "USD";
  custom.value = "1";
  return custom;
}

TEST(PrepareCustomData, APurchaseNeedsValueAndCurrency) {
  EXPECT_THAT(WithCustom({}).violations,
              UnorderedElementsAre(Finding("custom_data.value", Reason::kRequired),
                                   Finding("custom_data.currency", Reason::kRequired)));
  EXPECT_THAT(WithCustom({}, 5).violations, IsEmpty());
  RawEvent raw = ExamplePurchase();
  raw.has_custom_data = false;
  raw.custom_data = {};
  EXPECT_THAT(Prepare(raw, PixelPolicy()).violations,
              UnorderedElementsAre(Finding("custom_data", Reason::kRequired),
                                   Finding("custom_data.value", Reason::kRequired),
                                   Finding("custom_data.currency", Reason::kRequired)));
}

TEST(PrepareCustomData, ChecksCurrencies) {
  RawCustomData custom = Amount();
  custom.currency = " eur ";
  EXPECT_EQ(WithCustom(custom).event.custom_data.currency, "EUR");
  custom.currency = "XXX";
  EXPECT_THAT(WithCustom(custom).violations,
              ElementsAre(Finding("custom_data.currency", Reason::kUnknownValue)));
  custom.currency = "AFN";
  EXPECT_THAT(WithCustom(custom).warnings,
              ElementsAre(Finding("custom_data.currency", Reason::kUnknownValue)));
}

TEST(PrepareCustomData, ChecksAmounts) {
  RawCustomData custom = Amount();
  custom.value = "-1";
  custom.predicted_ltv = "12,50";
  custom.contents = {{"1", 1, "x"}};
  EXPECT_THAT(
      WithCustom(custom).violations,
      UnorderedElementsAre(Finding("custom_data.value", Reason::kOutOfRange),
                           Finding("custom_data.predicted_ltv", Reason::kMalformed),
                           Finding("custom_data.contents[0].item_price", Reason::kMalformed)));
}

TEST(PrepareCustomData, WarnsOfAValueWithoutCurrency) {
  RawCustomData custom;
  custom.value = "1";
  EXPECT_THAT(WithCustom(custom, 5).warnings,
              ElementsAre(Finding("custom_data.currency", Reason::kIncomplete)));
}

TEST(PrepareCustomData, DropsAPlaceholderOrder) {
  RawCustomData custom = Amount();
  custom.order_id = "undefined";
  const PreparedEvent prepared = WithCustom(custom);
  EXPECT_EQ(prepared.event.custom_data.order_id, "");
  EXPECT_THAT(prepared.warnings,
              ElementsAre(Finding("custom_data.order_id", Reason::kPlaceholder)));
}

TEST(PrepareCustomData, ChecksContents) {
  RawCustomData custom = Amount();
  custom.contents = {{"1"}, {"", 2}, {"3", -1}};
  custom.num_items = -1;
  EXPECT_THAT(WithCustom(custom).violations,
              UnorderedElementsAre(Finding("custom_data.contents[1].id", Reason::kRequired),
                                   Finding("custom_data.contents[2].quantity", Reason::kOutOfRange),
                                   Finding("custom_data.num_items", Reason::kOutOfRange)));
}

TEST(PrepareCustomData, DropsEmptyListValues) {
  RawCustomData custom = Amount();
  custom.content_ids = {"a", "", "b"};
  EXPECT_THAT(WithCustom(custom).event.custom_data.content_ids, ElementsAre("a", "b"));
}

TEST(PrepareCustomData, LimitsListsAndTexts) {
  RawCustomData custom = Amount();
  const std::string text(1025, 'x');
  custom.content_name = text;
  custom.brands = {"a", text};
  custom.content_ids.resize(1001, "a");
  custom.contents.resize(1001, {"a"});
  custom.custom_fields.resize(101, {"a", "b"});
  EXPECT_THAT(WithCustom(custom).violations,
              UnorderedElementsAre(Finding("custom_data.content_name", Reason::kTooLong),
                                   Finding("custom_data.brands[1]", Reason::kTooLong),
                                   Finding("custom_data.content_ids", Reason::kTooLong),
                                   Finding("custom_data.contents", Reason::kTooLong),
                                   Finding("custom_data.custom_fields", Reason::kTooLong)));
}

TEST(PrepareCustomData, RefusesACustomFieldWithoutName) {
  RawCustomData custom = Amount();
  custom.custom_fields = {{"", "b"}};
  EXPECT_THAT(WithCustom(custom).violations,
              ElementsAre(Finding("custom_data.custom_fields", Reason::kMalformed)));
}

TEST(PrepareCustomData, PassesExtraMembersOn) {
  RawCustomData custom = Amount();
  custom.extra_json = " {\"num_adults\":2,\n \"travel_start\":\"20260101\"} ";
  EXPECT_EQ(WithCustom(custom).event.custom_data.extra_json,
            "{\"num_adults\":2, \"travel_start\":\"20260101\"}");
  custom.extra_json = "{}";
  EXPECT_EQ(WithCustom(custom).event.custom_data.extra_json, "");
}

TEST(PrepareCustomData, ExtraMembersNeverReplaceOurs) {
  RawCustomData custom = Amount();
  for (const std::string_view json : {"{\"value\":1}", "{\"a\":1,\"\\u0076alue\":1}", "[]", "{"}) {
    custom.extra_json = json;
    EXPECT_THAT(WithCustom(custom).violations,
                ElementsAre(Finding("custom_data.extra", Reason::kMalformed)));
  }
  const std::string large = "{\"a\":\"" + std::string(16 * 1024, 'x') + "\"}";
  custom.extra_json = large;
  EXPECT_THAT(WithCustom(custom).violations,
              ElementsAre(Finding("custom_data.extra", Reason::kTooLong)));
}

}  // namespace
}  // namespace snapledger::event
