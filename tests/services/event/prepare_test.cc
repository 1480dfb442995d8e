#include "services/event/prepare.h"

#include <gtest/gtest.h>

#include "tests/services/event/example_event.h"

namespace snapledger::event {
namespace {

TEST(Prepare, TakesAPlainPurchase) {
  const PreparedEvent prepared = Prepare(ExamplePurchase(), PixelPolicy());
  EXPECT_EQ(prepared.disposition, Disposition::kSend);
  EXPECT_TRUE(prepared.violations.empty());
  EXPECT_TRUE(prepared.warnings.empty());
  EXPECT_EQ(prepared.event.event_name, "PURCHASE");
  EXPECT_EQ(prepared.event.consent, Consent::kGranted);
  EXPECT_EQ(prepared.event.event_time, kExampleNow - absl::Minutes(1));
}

TEST(Prepare, RefusesAnEventThatIsTooLargeUnread) {
  RawEvent raw = ExamplePurchase();
  raw.serialized_bytes = 64 * 1024;
  EXPECT_EQ(Prepare(raw, PixelPolicy()).disposition, Disposition::kSend);
  raw.serialized_bytes += 1;
  raw.event_id = "";
  const PreparedEvent prepared = Prepare(raw, PixelPolicy());
  ASSERT_EQ(prepared.violations.size(), 1U);
  EXPECT_EQ(prepared.violations[0].field, "");
  EXPECT_EQ(prepared.violations[0].reason, Reason::kTooLong);
}

TEST(Prepare, CollectsEveryViolation) {
  const PreparedEvent prepared = Prepare(RawEvent(), PixelPolicy());
  EXPECT_EQ(prepared.disposition, Disposition::kRejected);
  std::vector<std::string> fields;
  for (const Violation& violation : prepared.violations) fields.push_back(violation.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"event_id", "standard_event", "action_source",
                                              "event_time", "user_data"}));
}

TEST(Prepare, LeavesNothingOfARejectedEvent) {
  RawEvent raw = ExamplePurchase();
  raw.user_data.phone = {RawValue("call me")};
  const PreparedEvent prepared = Prepare(raw, PixelPolicy());
  EXPECT_EQ(prepared.disposition, Disposition::kRejected);
  EXPECT_TRUE(prepared.event.event_id.empty());
  EXPECT_TRUE(prepared.event.user_data.email.empty());
  EXPECT_EQ(prepared.content_digest, 0);
}

TEST(Prepare, SuppressesWhatConsentDenies) {
  RawEvent raw = ExamplePurchase();
  raw.consent = 3;
  raw.custom_data.order_id = "A-1";
  raw.custom_data.search_string = "shoes";
  const PreparedEvent prepared = Prepare(raw, PixelPolicy());
  EXPECT_EQ(prepared.disposition, Disposition::kSuppressed);
  const ConversionEvent& event = prepared.event;
  EXPECT_EQ(event.event_id, "order-77");
  EXPECT_EQ(event.event_name, "PURCHASE");
  EXPECT_EQ(event.source, "checkout");
  EXPECT_EQ(event.custom_data.value, "12.50");
  EXPECT_EQ(event.custom_data.currency, "USD");
  EXPECT_EQ(event.custom_data.order_id, "");
  EXPECT_EQ(event.custom_data.search_string, "");
  EXPECT_EQ(event.event_source_url, "");
  EXPECT_TRUE(event.user_data.email.empty());
  EXPECT_EQ(event.supplied, 0);
  EXPECT_EQ(event.usable, 0);
  ASSERT_EQ(prepared.warnings.size(), 1U);
  EXPECT_EQ(prepared.warnings[0].reason, Reason::kConsentDenied);
}

TEST(Prepare, ADeniedEventNeedsNoIdentityButSense) {
  RawEvent raw = ExamplePurchase();
  raw.consent = 3;
  raw.user_data = {};
  EXPECT_EQ(Prepare(raw, PixelPolicy()).disposition, Disposition::kSuppressed);
  raw.custom_data.value = "";
  EXPECT_EQ(Prepare(raw, PixelPolicy()).disposition, Disposition::kRejected);
}

TEST(Prepare, ResolvesUnspecifiedConsentByTheDestination) {
  PreparePolicy policy = PixelPolicy();
  policy.unspecified_consent = Consent::kLimited;
  EXPECT_EQ(Prepare(ExamplePurchase(), policy).event.consent, Consent::kLimited);
  policy.unspecified_consent = Consent::kDenied;
  EXPECT_EQ(Prepare(ExamplePurchase(), policy).disposition, Disposition::kSuppressed);
}

}  // namespace
}  // namespace snapledger::event
