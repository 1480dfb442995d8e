#include "services/event/content_digest.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "services/event/sha256.h"
#include "tests/services/event/example_event.h"

namespace snapledger::event {
namespace {

int64_t DigestOf(const RawEvent& raw, const PreparePolicy& policy = PixelPolicy()) {
  const PreparedEvent prepared = Prepare(raw, policy);
  EXPECT_NE(prepared.disposition, Disposition::kRejected)
      << (prepared.violations.empty() ? "" : prepared.violations.front().field);
  return prepared.content_digest;
}

int64_t DigestWith(const std::function<void(RawEvent*)>& change) {
  RawEvent raw = ExamplePurchase();
  change(&raw);
  return DigestOf(raw);
}

const std::string& EmailHash() {
  static const auto* const hex = new std::string([] {
    std::string text;
    AppendSha256Hex(Sha256("person@example.com"), &text);
    return text;
  }());
  return *hex;
}

using Change = void (*)(RawEvent*);

// Each makes another event of the example, and no two the same.
constexpr Change kDifferent[] = {
    [](RawEvent*) {},
    [](RawEvent* raw) { raw->standard_event = 5; },
    [](RawEvent* raw) { *raw->event_time -= absl::Seconds(1); },
    [](RawEvent* raw) { raw->action_source = 3; },
    [](RawEvent* raw) { raw->event_source_url = "https://shop.example/other"; },
    [](RawEvent* raw) { raw->consent = 1; },
    [](RawEvent* raw) { raw->consent = 2; },
    [](RawEvent* raw) { raw->source = "backfill"; },
    [](RawEvent* raw) { raw->user_data.email = {RawValue("other@example.com")}; },
    [](RawEvent* raw) { raw->user_data.phone = {RawValue("+12025550146")}; },
    [](RawEvent* raw) { raw->user_data.first_name = {RawValue("x1")}; },
    [](RawEvent* raw) { raw->user_data.last_name = {RawValue("x1")}; },
    [](RawEvent* raw) { raw->user_data.gender = {RawValue("f")}; },
    [](RawEvent* raw) { raw->user_data.city = {RawValue("x1")}; },
    [](RawEvent* raw) { raw->user_data.state = {RawValue("x1")}; },
    [](RawEvent* raw) { raw->user_data.zip = {RawValue("x1")}; },
    [](RawEvent* raw) { raw->user_data.country = {RawValue("us")}; },
    [](RawEvent* raw) { raw->user_data.external_id = {RawValue("x1")}; },
    [](RawEvent* raw) { raw->user_data.client_ip_address = "203.0.113.7"; },
    [](RawEvent* raw) { raw->user_data.client_user_agent = "x1"; },
    [](RawEvent* raw) { raw->user_data.click_id = "x1"; },
    [](RawEvent* raw) { raw->user_data.cookie1 = "x1"; },
    [](RawEvent* raw) { raw->user_data.mobile_ad_id = "x1"; },
    [](RawEvent* raw) { raw->user_data.idfv = "x1"; },
    [](RawEvent* raw) { raw->user_data.subscription_id = "x1"; },
    [](RawEvent* raw) { raw->user_data.lead_id = "x1"; },
    [](RawEvent* raw) { raw->user_data.anon_id = "x1"; },
    [](RawEvent* raw) { raw->user_data.download_id = "x1"; },
    [](RawEvent* raw) { raw->user_data.partner_id = "x1"; },
    [](RawEvent* raw) { raw->custom_data.currency = "EUR"; },
    [](RawEvent* raw) { raw->custom_data.value = "12.51"; },
    [](RawEvent* raw) { raw->custom_data.order_id = "x1"; },
    [](RawEvent* raw) {
      raw->custom_data.content_ids = {"a", "b"};
    },
    [](RawEvent* raw) { raw->custom_data.content_ids = {"ab"}; },
    [](RawEvent* raw) {
      raw->custom_data.content_ids = {"b", "a"};
    },
    [](RawEvent* raw) { raw->custom_data.content_category = {"a"}; },
    [](RawEvent* raw) { raw->custom_data.content_name = "a"; },
    [](RawEvent* raw) { raw->custom_data.content_type = "a"; },
    [](RawEvent* raw) { raw->custom_data.contents = {{"a"}}; },
    [](RawEvent* raw) {
      raw->custom_data.contents = {{"a", 1}};
    },
    [](RawEvent* raw) {
      raw->custom_data.contents = {{"a", 0, "1"}};
    },
    [](RawEvent* raw) {
      raw->custom_data.contents = {{"a"}, {"a"}};
    },
    [](RawEvent* raw) { raw->custom_data.num_items = 1; },
    [](RawEvent* raw) { raw->custom_data.search_string = "a"; },
    [](RawEvent* raw) { raw->custom_data.sign_up_method = "a"; },
    [](RawEvent* raw) { raw->custom_data.delivery_category = "a"; },
    [](RawEvent* raw) { raw->custom_data.status = "a"; },
    [](RawEvent* raw) { raw->custom_data.event_tag = "a"; },
    [](RawEvent* raw) { raw->custom_data.predicted_ltv = "1"; },
    [](RawEvent* raw) { raw->custom_data.brands = {"a"}; },
    [](RawEvent* raw) {
      raw->custom_data.custom_fields = {{"a", "b"}};
    },
    [](RawEvent* raw) {
      raw->custom_data.custom_fields = {{"a", ""}, {"b", ""}};
    },
    [](RawEvent* raw) { raw->custom_data.extra_json = "{\"a\":1}"; },
};

TEST(ContentDigest, IsWrittenDownForever) {
  // A change of the serialisation turns every honest repeat of a stored event into a conflict.
  EXPECT_EQ(DigestOf(ExamplePurchase()), -3563973330990025812);
}

TEST(ContentDigest, SpellingPlaysNoPart) {
  const int64_t digest = DigestOf(ExamplePurchase());
  const std::function<void(RawEvent*)> same[] = {
      [](RawEvent* raw) { raw->user_data.email = {RawValue(" PERSON@example.com\n")}; },
      [](RawEvent* raw) { raw->user_data.email = {HashedValue(EmailHash())}; },
      [](RawEvent* raw) {
        raw->user_data.email = {RawValue("null"), RawValue("Person@Example.com")};
      },
      [](RawEvent* raw) { raw->user_data.email.push_back(HashedValue(EmailHash())); },
      [](RawEvent* raw) { raw->user_data.phone = {RawValue("000")}; },
      [](RawEvent* raw) { raw->user_data.gender = {RawValue("unknown")}; },
      [](RawEvent* raw) { raw->custom_data.currency = "usd"; },
      [](RawEvent* raw) { raw->custom_data.value = "+012.5"; },
      [](RawEvent* raw) { *raw->event_time += absl::Milliseconds(900); },
      [](RawEvent* raw) {
        raw->name_form = RawEvent::NameForm::kCustom;
        raw->custom_event = "PURCHASE";
      },
  };
  for (const auto& change : same) EXPECT_EQ(DigestWith(change), digest);
}

TEST(ContentDigest, EveryFieldPlaysAPart) {
  std::set<int64_t> digests;
  for (const Change change : kDifferent) digests.insert(DigestWith(change));
  EXPECT_EQ(digests.size(), std::size(kDifferent));
}

TEST(ContentDigest, TheIdPlaysNoPart) {
  EXPECT_EQ(DigestWith([](RawEvent* raw) { raw->event_id = "other"; }),
            DigestOf(ExamplePurchase()));
}

TEST(ContentDigest, OrderOfIdentifiersPlaysNoPart) {
  RawEvent raw = ExamplePurchase();
  raw.user_data.email = {RawValue("a@example.com"), RawValue("b@example.com")};
  raw.user_data.phone = {RawValue("+12025550146"), RawValue("202 555 0147")};
  RawEvent other = raw;
  std::swap(other.user_data.email[0], other.user_data.email[1]);
  std::swap(other.user_data.phone[0], other.user_data.phone[1]);
  PreparePolicy policy = PixelPolicy();
  policy.default_phone_region = "US";
  EXPECT_EQ(DigestOf(raw, policy), DigestOf(other, policy));
}

TEST(ContentDigest, SettingsPlayNoPart) {
  RawEvent raw = ExamplePurchase();
  // A number of either country.
  raw.user_data.phone = {RawValue("2025550146")};
  PreparePolicy us = PixelPolicy();
  us.default_phone_region = "US";
  PreparePolicy ca = us;
  ca.default_phone_region = "CA";
  ca.unspecified_consent = Consent::kDenied;
  ca.max_age_web = absl::Hours(24);
  ca.max_future = absl::ZeroDuration();
  ca.now += absl::Hours(1);
  EXPECT_EQ(DigestOf(raw, us), DigestOf(raw, ca));
}

TEST(ContentDigest, APhoneIsAsItWasGivenWhateverRegionCompletesIt) {
  RawEvent raw = ExamplePurchase();
  raw.user_data.phone = {RawValue("6 12 34 56 78")};
  PreparePolicy france = PixelPolicy();
  france.default_phone_region = "FR";
  PreparePolicy netherlands = PixelPolicy();
  netherlands.default_phone_region = "NL";
  const PreparedEvent french = Prepare(raw, france);
  const PreparedEvent dutch = Prepare(raw, netherlands);
  ASSERT_EQ(french.disposition, Disposition::kSend);
  ASSERT_EQ(dutch.disposition, Disposition::kSend);
  EXPECT_NE(french.event.user_data.phone, dutch.event.user_data.phone);
  EXPECT_EQ(french.content_digest, dutch.content_digest);
}

TEST(ContentDigest, RawAndHashedPhoneAreOne) {
  RawEvent raw = ExamplePurchase();
  raw.user_data.phone = {RawValue("+44 844 412 4653")};
  RawEvent hashed = ExamplePurchase();
  hashed.user_data.phone = {
      HashedValue("dc008fda46e2e64002cf2f82a4906236282d431c4f75e5b60bfe79fc48546383")};
  EXPECT_EQ(DigestOf(raw), DigestOf(hashed));
}

TEST(ContentDigest, AppDataPlaysAPart) {
  const auto digest = [](const std::function<void(RawAppData*)>& change) {
    RawEvent raw = ExampleAppOpen();
    change(&raw.app_data);
    return DigestOf(raw, AppPolicy());
  };
  const std::function<void(RawAppData*)> different[] = {
      [](RawAppData*) {},
      [](RawAppData* app) { app->app_id = "2"; },
      [](RawAppData* app) { app->advertiser_tracking_enabled = 1; },
      [](RawAppData* app) { app->application_tracking_enabled = 1; },
      [](RawAppData* app) { app->application_tracking_enabled = 2; },
      [](RawAppData* app) { app->extinfo[5 - 1] = "17.3"; },
      [](RawAppData* app) { app->campaign_ids = "a"; },
      [](RawAppData* app) { app->install_referrer = "a"; },
      [](RawAppData* app) { app->installer_package = "a"; },
      [](RawAppData* app) { app->url_schemes = {"a"}; },
  };
  std::set<int64_t> digests;
  for (const auto& change : different) digests.insert(digest(change));
  EXPECT_EQ(digests.size(), std::size(different));
  EXPECT_EQ(digest([](RawAppData* app) { app->extinfo.resize(16); }), digest([](RawAppData*) {}));
}

}  // namespace
}  // namespace snapledger::event
