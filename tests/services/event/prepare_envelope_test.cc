// Id, name, time, action source, page, consent and source, seen through Prepare.

#include <gtest/gtest.h>

#include "tests/services/event/example_event.h"
#include "tests/services/event/finding_matchers.h"

namespace snapledger::event {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

PreparedEvent PrepareOnPixel(const RawEvent& raw) { return Prepare(raw, PixelPolicy()); }

TEST(PrepareEnvelope, LimitsTheEventId) {
  RawEvent raw = ExamplePurchase();
  const std::string longest(128, 'x');
  raw.event_id = longest;
  EXPECT_THAT(PrepareOnPixel(raw).violations, IsEmpty());
  const std::string longer(129, 'x');
  raw.event_id = longer;
  EXPECT_THAT(PrepareOnPixel(raw).violations, ElementsAre(Finding("event_id", Reason::kTooLong)));
  for (const std::string_view wrong : {"a\nb", "\xFF", "  "}) {
    raw.event_id = wrong;
    EXPECT_THAT(PrepareOnPixel(raw).violations,
                ElementsAre(Finding("event_id", Reason::kMalformed)));
  }
  raw.event_id = " kept as it is ";
  EXPECT_EQ(PrepareOnPixel(raw).event.event_id, " kept as it is ");
}

TEST(PrepareEnvelope, TakesACustomNameWithAWarning) {
  RawEvent raw = ExamplePurchase();
  raw.name_form = RawEvent::NameForm::kCustom;
  raw.custom_event = "my_brand_event";
  const PreparedEvent prepared = PrepareOnPixel(raw);
  EXPECT_EQ(prepared.event.event_name, "my_brand_event");
  EXPECT_EQ(prepared.event.standard_event, 0);
  EXPECT_THAT(prepared.warnings, ElementsAre(Finding("custom_event", Reason::kNotStandardEvent)));
}

TEST(PrepareEnvelope, ACustomNameThatIsStandardIsTakenAsIt) {
  RawEvent raw = ExamplePurchase();
  raw.name_form = RawEvent::NameForm::kCustom;
  raw.custom_event = "PURCHASE";
  raw.custom_data.value = "";
  EXPECT_THAT(PrepareOnPixel(raw).violations,
              ElementsAre(Finding("custom_data.value", Reason::kRequired)));
  raw.custom_event = "PAGE_VIEW";
  const PreparedEvent prepared = PrepareOnPixel(raw);
  EXPECT_EQ(prepared.event.standard_event, 9);
  EXPECT_THAT(prepared.warnings, IsEmpty());
}

TEST(PrepareEnvelope, RefusesNamesThatAreNone) {
  RawEvent raw = ExamplePurchase();
  raw.standard_event = 0;
  EXPECT_THAT(PrepareOnPixel(raw).violations,
              ElementsAre(Finding("standard_event", Reason::kRequired)));
  raw.standard_event = 32;
  EXPECT_THAT(PrepareOnPixel(raw).violations,
              ElementsAre(Finding("standard_event", Reason::kUnknownValue)));
  raw.name_form = RawEvent::NameForm::kCustom;
  raw.custom_event = " ";
  EXPECT_THAT(PrepareOnPixel(raw).violations,
              ElementsAre(Finding("custom_event", Reason::kRequired)));
  const std::string longest = [] {
    std::string text;
    for (int i = 0; i < 64; ++i) text += "é";
    return text;
  }();
  raw.custom_event = longest;
  EXPECT_THAT(PrepareOnPixel(raw).violations, IsEmpty());
  const std::string longer = longest + "e";
  raw.custom_event = longer;
  EXPECT_THAT(PrepareOnPixel(raw).violations,
              ElementsAre(Finding("custom_event", Reason::kTooLong)));
}

TEST(PrepareEnvelope, HoldsTheAgeLimits) {
  RawEvent raw = ExamplePurchase();
  const auto verdict = [&](absl::Time time) {
    raw.event_time = time;
    return PrepareOnPixel(raw).violations;
  };
  EXPECT_THAT(verdict(kExampleNow - absl::Hours(7 * 24)), IsEmpty());
  EXPECT_THAT(verdict(kExampleNow - absl::Hours(7 * 24) - absl::Seconds(1)),
              ElementsAre(Finding("event_time", Reason::kTooOld)));
  EXPECT_THAT(verdict(kExampleNow + absl::Minutes(5)), IsEmpty());
  EXPECT_THAT(verdict(kExampleNow + absl::Minutes(5) + absl::Seconds(1)),
              ElementsAre(Finding("event_time", Reason::kInFuture)));
  EXPECT_THAT(verdict(absl::InfinitePast()), ElementsAre(Finding("event_time", Reason::kTooOld)));
}

TEST(PrepareEnvelope, NoSettingReachesBeyond37Days) {
  RawEvent raw = ExamplePurchase();
  PreparePolicy policy = PixelPolicy();
  policy.max_age_web = absl::InfiniteDuration();
  raw.event_time = kExampleNow - absl::Hours(37 * 24);
  EXPECT_THAT(Prepare(raw, policy).violations, IsEmpty());
  *raw.event_time -= absl::Seconds(1);
  EXPECT_THAT(Prepare(raw, policy).violations, ElementsAre(Finding("event_time", Reason::kTooOld)));
}

TEST(PrepareEnvelope, EachActionSourceHasItsAge) {
  PreparePolicy policy = PixelPolicy();
  policy.max_age_offline = absl::Hours(20 * 24);
  RawEvent raw = ExamplePurchase();
  raw.event_time = kExampleNow - absl::Hours(10 * 24);
  raw.action_source = 3;
  EXPECT_THAT(Prepare(raw, policy).violations, IsEmpty());
  raw.action_source = 1;
  EXPECT_THAT(Prepare(raw, policy).violations, ElementsAre(Finding("event_time", Reason::kTooOld)));
}

TEST(PrepareEnvelope, RefusesATimeThatIsNone) {
  RawEvent raw = ExamplePurchase();
  raw.event_time_valid = false;
  EXPECT_THAT(PrepareOnPixel(raw).violations,
              ElementsAre(Finding("event_time", Reason::kMalformed)));
}

TEST(PrepareEnvelope, MatchesActionSourceAndDestination) {
  EXPECT_THAT(Prepare(ExamplePurchase(), AppPolicy()).violations,
              ElementsAre(Finding("action_source", Reason::kWrongDestinationKind)));
  EXPECT_THAT(Prepare(ExampleAppOpen(), PixelPolicy()).violations,
              ElementsAre(Finding("action_source", Reason::kWrongDestinationKind)));
  RawEvent raw = ExamplePurchase();
  raw.action_source = 4;
  EXPECT_THAT(PrepareOnPixel(raw).violations,
              Contains(Finding("action_source", Reason::kUnknownValue)));
}

TEST(PrepareEnvelope, ChecksThePage) {
  RawEvent raw = ExamplePurchase();
  for (const std::string_view url :
       {"https://shop.example", "HTTP://shop.example:8080/a?b#c", "https://[2001:db8::1]/",
        "https://user:secret@shop.example/", "https://münchen.example/ä b", " https://a.b/ "}) {
    raw.event_source_url = url;
    EXPECT_THAT(PrepareOnPixel(raw).violations, IsEmpty()) << url;
  }
  for (const std::string_view url :
       {"shop.example", "ftp://shop.example", "javascript:alert(1)", "http://", "http:///path",
        "https://:80/", "https://a b/", "https://shop.example:port/", "//shop.example",
        "https://?a=b", "https://[::1/"}) {
    raw.event_source_url = url;
    EXPECT_THAT(PrepareOnPixel(raw).violations,
                ElementsAre(Finding("event_source_url", Reason::kMalformed)))
        << url;
  }
  raw.event_source_url = "";
  EXPECT_THAT(PrepareOnPixel(raw).violations,
              ElementsAre(Finding("event_source_url", Reason::kRequired)));
  raw.action_source = 3;
  EXPECT_THAT(PrepareOnPixel(raw).violations, IsEmpty());
}

TEST(PrepareEnvelope, RefusesUnknownConsent) {
  RawEvent raw = ExamplePurchase();
  raw.consent = 4;
  EXPECT_THAT(PrepareOnPixel(raw).violations,
              ElementsAre(Finding("consent", Reason::kUnknownValue)));
}

TEST(PrepareEnvelope, LimitsTheSource) {
  RawEvent raw = ExamplePurchase();
  const std::string longer(65, 'x');
  raw.source = longer;
  EXPECT_THAT(PrepareOnPixel(raw).violations, ElementsAre(Finding("source", Reason::kTooLong)));
}

}  // namespace
}  // namespace snapledger::event
