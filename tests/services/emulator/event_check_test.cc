#include "services/emulator/event_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "services/emulator/json_body.h"
#include "tests/services/emulator/edited_event.h"

namespace snapledger::emulator {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kDigest[] = "\"542d240129883c019e106e3b1b2d3f3cb3537c43c425364de8e951d5a3083345\"";
constexpr char kUpperDigest[] =
    "\"542D240129883C019E106E3B1B2D3F3CB3537C43C425364DE8E951D5A3083345\"";
constexpr char kEmptyDigest[] =
    "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"";

Findings Check(const std::string& event, const Rules& rules = {}) {
  const auto body = JsonBody::Parse(event);
  EXPECT_TRUE(body.ok()) << body.status().message() << ": " << event;
  return CheckEvent((*body)->root(), false, rules, SampleTime()).findings;
}

std::string Codes(const Findings& findings) {
  std::string codes;
  for (const ErrorFinding& error : findings.errors) {
    absl::StrAppend(&codes, codes.empty() ? "" : " ", CodeText(error.code));
  }
  return codes;
}

enum class From { kWeb, kApp, kOffline };

struct Case {
  From from;
  std::string path;
  std::string json;
  std::string codes;         // empty: valid
  std::string warning = "";  // part of one, or empty: none wanted
};

std::string Make(const Case& item) {
  const std::vector<Edit> edits = {{item.path, item.json}};
  if (item.from == From::kWeb) return WebEvent(edits);
  return item.from == From::kApp ? AppEvent(edits) : OfflineEvent(edits);
}

void ExpectCases(const std::vector<Case>& cases, const Rules& rules = {}) {
  for (const Case& item : cases) {
    SCOPED_TRACE(absl::StrCat(item.path, " = ", item.json));
    const Findings findings = Check(Make(item), rules);
    EXPECT_EQ(Codes(findings), item.codes);
    if (item.warning.empty() && item.codes.empty()) {
      EXPECT_THAT(findings.warnings, IsEmpty());
    } else if (!item.warning.empty()) {
      EXPECT_THAT(findings.warnings, testing::Contains(HasSubstr(item.warning)));
    }
  }
}

std::string Seconds(int64_t from_now) {
  return absl::StrCat(absl::ToUnixSeconds(SampleTime()) + from_now);
}

std::string Milliseconds() { return absl::StrCat(absl::ToUnixMillis(SampleTime())); }

TEST(EventCheck, TakesTheSampleEventsWithoutAWarning) {
  for (const std::string& event : {WebEvent(), AppEvent(), OfflineEvent()}) {
    const Findings findings = Check(event);
    EXPECT_EQ(Codes(findings), "") << event;
    EXPECT_THAT(findings.warnings, IsEmpty()) << event;
  }
}

TEST(EventCheck, RequiredMembers) {
  ExpectCases({
      {From::kWeb, "/event_name", "", "9001"},
      {From::kWeb, "/event_name", "\"\"", "9002"},
      {From::kWeb, "/event_name", "7", "9002"},
      {From::kWeb, "/action_source", "", "9001"},
      {From::kWeb, "/event_time", "", "9001"},
      {From::kWeb, "/event_time", "null", "9001"},
      {From::kWeb, "/user_data", "", "9001"},
      {From::kWeb, "/user_data", "[]", "9002"},
      {From::kWeb, "/event_source_url", "", "9001"},
      {From::kWeb, "/event_source_url", "\"shop.example\"", "9002"},
      {From::kWeb, "/event_source_url", "\"https:///x\"", "9002"},
      {From::kWeb, "/event_source_url", "\"ftp://shop.example\"", "9002"},
      {From::kOffline, "/event_source_url", "\"https://shop.example\"", ""},
      {From::kWeb, "/event_id", "", "", "event_id"},
      {From::kWeb, "/event_id", "\"\"", "9002"},
      {From::kWeb, "/event_id", "5", "9002"},
  });
}

TEST(EventCheck, NamesAndSources) {
  ExpectCases({
      {From::kWeb, "/event_name", "\"purchase\"", "", "not in upper case"},
      {From::kWeb, "/event_name", "\"LEAD\"", "", "not a standard name"},
      {From::kWeb, "/action_source", "\"web\"", "", "not in upper case"},
      {From::kWeb, "/action_source", "\"website\"", "", "alias of WEB"},
      {From::kApp, "/action_source", "\"app\"", "", "alias of MOBILE_APP"},
      {From::kOffline, "/action_source", "\"physical_store\"", "", "alias of OFFLINE"},
      {From::kWeb, "/action_source", "\"TV\"", "9002"},
  });
  Rules strict;
  strict.only_standard_names = true;
  strict.case_strict = true;
  ExpectCases({{From::kWeb, "/event_name", "\"LEAD\"", "9002"},
               {From::kWeb, "/event_name", "\"purchase\"", "9002"},
               {From::kWeb, "/action_source", "\"web\"", "9002"}},
              strict);
}

TEST(EventCheck, Times) {
  ExpectCases({
      {From::kWeb, "/event_time", Seconds(-7 * 86400), ""},
      {From::kWeb, "/event_time", Seconds(-7 * 86400 - 1), "9004"},
      {From::kWeb, "/event_time", Seconds(300), ""},
      {From::kWeb, "/event_time", Seconds(301), "9004"},
      {From::kWeb, "/event_time", "0", "9004"},
      {From::kWeb, "/event_time", "-5", "9004"},
      {From::kWeb, "/event_time", "1764000000.5", "9004"},
      {From::kWeb, "/event_time", "\"yesterday\"", "9004"},
      {From::kWeb, "/event_time", absl::StrCat("\"", Seconds(0), "\""), "", "is a string"},
      {From::kWeb, "/event_time", Milliseconds(), ""},
      {From::kApp, "/event_time", Milliseconds(), ""},
      {From::kOffline, "/event_time", Milliseconds(), "9004"},
      {From::kWeb, "/event_time", "18446744073709551615", "9004"},
  });
  Rules other;
  other.age_days = 37;
  other.milliseconds_refused = true;
  other.offline_milliseconds_accepted = true;
  ExpectCases({{From::kWeb, "/event_time", Seconds(-36 * 86400), ""},
               {From::kWeb, "/event_time", Milliseconds(), "9004"},
               {From::kOffline, "/event_time", Milliseconds(), ""}},
              other);
}

TEST(EventCheck, OfflineMillisecondsGetTheRecordedSentence) {
  const Findings findings = Check(OfflineEvent({{"/event_time", Milliseconds()}}));
  ASSERT_EQ(findings.errors.size(), 1U);
  EXPECT_EQ(findings.errors[0].message, "Param data['event_time'] is an invalid Unix timestamp.");
}

TEST(EventCheck, HashedMembers) {
  for (const char* const name : {"em", "ph", "fn", "ln", "ge", "ct", "st", "zp", "country", "db"}) {
    const std::string path = absl::StrCat("/user_data/", name);
    ExpectCases({
        {From::kWeb, path, kDigest, ""},
        {From::kWeb, path, absl::StrCat("[", kDigest, ",", kDigest, "]"), ""},
        {From::kWeb, path, kUpperDigest, "", "upper case"},
        {From::kWeb, path, "\"person@example.com\"", "9005"},
        {From::kWeb, path, "\"\"", "9005"},
        {From::kWeb, path, absl::StrCat("[", kDigest, ",\"jo\"]"), "9005"},
        {From::kWeb, path, kEmptyDigest, "9005"},
        {From::kWeb, path, "7", "9002"},
        {From::kWeb, path, "[7]", "9002"},
        {From::kWeb, path, "[]", "", "empty list"},
    });
  }
}

TEST(EventCheck, PlainMembersOfUserData) {
  ExpectCases({
      {From::kWeb, "/user_data/client_ip_address", "\"2001:db8::1\"", ""},
      {From::kWeb, "/user_data/client_ip_address", kDigest, "9006"},
      {From::kWeb, "/user_data/client_ip_address", "\"999.1.1.1\"", "9006"},
      {From::kWeb, "/user_data/client_ip_address", "\"\"", "9006"},
      {From::kWeb, "/user_data/client_ip_address", "1", "9006"},
      {From::kWeb, "/user_data/client_user_agent", "1", "9002"},
      {From::kWeb, "/user_data/external_id", "[\"id-1\"]", ""},
      {From::kWeb, "/user_data/external_id", "7", "9002"},
      {From::kWeb, "/user_data/sc_cookie1", "\"abc\"", "", "not a UUID"},
      {From::kWeb, "/user_data/sc_click_id", "[]", "9002"},
      {From::kWeb, "/user_data/anon_id", "[\"a\"]", ""},
      {From::kWeb, "/user_data/lead_id", "[\"a\"]", "9002"},
      {From::kWeb, "/user_data/shoe_size", "9", "", "unknown"},
      {From::kWeb, "/user_data/idfv", kDigest, "", "hashed"},
      {From::kWeb, "/user_data/madid", kDigest, "", "hashed"},
      {From::kApp, "/user_data/madid", "\"6ABC82CA-1B2C-4D5E-8F90-123456789ABC\"", "", "lower"},
      {From::kApp, "/user_data/madid", "\"00000000-0000-0000-0000-000000000000\"", "507"},
  });
}

TEST(EventCheck, IdentityIsOneOfFourKinds) {
  const auto with = [](const std::string& user_data, const std::string& source = "WEB") {
    return Codes(Check(WebEvent(
        {{"/user_data", user_data}, {"/action_source", absl::StrCat("\"", source, "\"")}})));
  };
  EXPECT_EQ(with("{}"), "507");
  EXPECT_EQ(with(absl::StrCat(R"({"em":)", kDigest, "}")), "");
  EXPECT_EQ(with(absl::StrCat(R"({"ph":[)", kDigest, "]}")), "");
  EXPECT_EQ(with(R"({"client_ip_address":"203.0.113.7","client_user_agent":"x"})"), "");
  EXPECT_EQ(with(R"({"client_ip_address":"203.0.113.7"})"), "507");
  EXPECT_EQ(with(R"({"client_user_agent":"x"})"), "507");
  EXPECT_EQ(with(R"({"client_ip_address":"203.0.113.7","client_user_agent":""})"), "507");
  EXPECT_EQ(with(R"({"external_id":"x","sc_click_id":"y","idfv":"z"})"), "507");
  EXPECT_EQ(with(absl::StrCat(R"({"fn":)", kDigest, R"(,"ln":)", kDigest, "}")), "507");
  EXPECT_EQ(with(R"({"madid":"6abc82ca-1b2c-4d5e-8f90-123456789abc"})"), "507");
  EXPECT_EQ(with(R"({"em":[]})"), "507");
  EXPECT_EQ(Codes(Check(AppEvent({{"/user_data", R"({"mobile_ad_id":"6abc"})"}}))), "");
}

TEST(EventCheck, SwitchesWidenIdentity) {
  Rules rules;
  rules.external_id_is_identity = true;
  rules.madid_is_identity_off_app = true;
  rules.empty_hash_accepted = true;
  ExpectCases({{From::kWeb, "/user_data", R"({"external_id":"x"})", ""},
               {From::kWeb, "/user_data", R"({"madid":"6abc"})", ""},
               {From::kWeb, "/user_data/fn", kEmptyDigest, "", "empty string"}},
              rules);
}

TEST(EventCheck, CustomData) {
  const std::string at = "/custom_data/";
  ExpectCases({
      {From::kWeb, at + "value", "", "9003"},
      {From::kWeb, at + "currency", "", "9003"},
      {From::kWeb, "/custom_data", "", "9003"},
      {From::kWeb, "/custom_data", "7", "9002 9003"},
      {From::kWeb, at + "value", "\"10.50\"", ""},
      {From::kWeb, at + "value", "\"$10\"", "9002"},
      {From::kWeb, at + "value", "\"NaN\"", "9002"},
      {From::kWeb, at + "value", "-1", "9002"},
      {From::kWeb, at + "value", "\"-1\"", "9002"},
      {From::kWeb, at + "currency", "\"usd\"", "", "not in upper case"},
      {From::kWeb, at + "currency", "\"XAF\"", "", "not a currency Snap lists"},
      {From::kWeb, at + "currency", "\"Galleon\"", "9002"},
      {From::kWeb, at + "currency", "\"U$D\"", "9002"},
      {From::kWeb, at + "num_items", "3", ""},
      {From::kWeb, at + "num_items", "\"three\"", "9002"},
      {From::kWeb, at + "num_items", "1.5", "9002"},
      {From::kWeb, at + "content_ids", "\"a,b\"", ""},
      {From::kWeb, at + "content_ids", "[1]", "9002"},
      {From::kWeb, at + "content_category", "[\"a\"]", ""},
      {From::kWeb, at + "content_type", "\"service\"", "", "product_group"},
      {From::kWeb, at + "contents", "{}", "9002"},
      {From::kWeb, at + "contents", "[7]", "9002"},
      {From::kWeb, at + "contents", R"([{"id":"a","quantity":2,"item_price":1.5}])", ""},
      {From::kWeb, at + "contents", R"([{"id":"a","quantity":"two"}])", "9002"},
      {From::kWeb, at + "contents", R"([{"id":7}])", "9002"},
      {From::kWeb, at + "event_id", "\"x\"", "", "belongs on the event"},
      {From::kWeb, at + "number_items", "\"2\"", "", "num_items"},
      {From::kWeb, at + "order_id", "7", "9002"},
      {From::kWeb, at + "num_adults", "2", ""},
      {From::kWeb, at + "surprise", "2", "", "unknown"},
      {From::kWeb, at + "custom_fields", "[]", "9002"},
      {From::kWeb, at + "predicted_ltv", "\"12.5\"", ""},
  });
  Rules strict;
  strict.only_listed_currencies = true;
  ExpectCases({{From::kWeb, at + "currency", "\"XAF\"", "9002"}}, strict);
}

TEST(EventCheck, AppData) {
  const std::string at = "/app_data/";
  const std::string fifteen = R"(["i2","","","","1","","","","","","","","","",""])";
  const std::string no_os = R"(["a2","","","","","","","","","","","","","","",""])";
  const std::string blank = R"(["","","","","","","","","","","","","","","",""])";
  const std::string wide = R"(["a2","","","","1","","","","","wide","","","","","",""])";
  ExpectCases({
      {From::kApp, "/app_data", "", "9007"},
      {From::kApp, at + "app_id", "", "9007"},
      {From::kApp, at + "app_id", "123", "9007"},
      {From::kApp, at + "app_id", "\"com.example\"", "", "not all digits"},
      {From::kApp, at + "extinfo", "", "9007"},
      {From::kApp, at + "extinfo", fifteen, "9007"},
      {From::kApp, at + "extinfo", blank, "9007"},
      {From::kApp, at + "extinfo", "\"i2\"", "9007"},
      {From::kApp, at + "extinfo", no_os, "", "OS version"},
      {From::kApp, at + "extinfo", wide, "", "slot 9"},
      {From::kApp, at + "advertiser_tracking_enabled", "", "9007"},
      {From::kApp, at + "advertiser_tracking_enabled", "false", ""},
      {From::kApp, at + "advertiser_tracking_enabled", "0", ""},
      {From::kApp, at + "advertiser_tracking_enabled", "2", "9007"},
      {From::kApp, at + "advertiser_tracking_enabled", "\"1\"", "9007"},
      {From::kApp, "/advertiser_tracking_enabled", "7", "9007"},
      {From::kWeb, "/app_data", R"({"app_id":"1"})", "", "MOBILE_APP"},
  });
  EXPECT_EQ(Codes(Check(AppEvent({{at + "advertiser_tracking_enabled", ""},
                                  {"/advertiser_tracking_enabled", "1"}}))),
            "");
  Rules lenient;
  lenient.extinfo_lenient = true;
  lenient.tracking_flag_optional = true;
  ExpectCases({{From::kApp, at + "extinfo", "", "", "missing"},
               {From::kApp, at + "extinfo", blank, "", "OS version"},
               {From::kApp, at + "advertiser_tracking_enabled", "", ""}},
              lenient);
}

TEST(EventCheck, PrivacyAndOtherMembers) {
  ExpectCases({
      {From::kWeb, "/data_processing_options", R"(["LMU"])", ""},
      {From::kWeb, "/data_processing_options", R"(["LDU"])", ""},
      {From::kWeb, "/data_processing_options", R"(["DELETE"])", ""},
      {From::kWeb, "/data_processing_options", "[]", ""},
      {From::kWeb, "/data_processing_options", R"(["lmu"])", "", "unknown option"},
      {From::kWeb, "/data_processing_options", "\"LMU\"", "9002"},
      {From::kWeb, "/data_processing_options", "[1]", "9002"},
      {From::kWeb, "/opt_out", "\"no\"", "9002"},
      {From::kWeb, "/integration", "7", "9002"},
      {From::kWeb, "/test_event_code", "\"\"", "9002"},
      {From::kWeb, "/surprise", "1", "", "unknown"},
  });
}

TEST(EventCheck, MembersNamedTwiceAreRefused) {
  const std::string event = WebEvent();
  const std::string twice = absl::StrCat(R"({"event_id":"other",)", event.substr(1));
  EXPECT_EQ(Codes(Check(twice)), "9002");
  Rules rules;
  rules.duplicate_members_accepted = true;
  EXPECT_EQ(Codes(Check(twice, rules)), "");
}

TEST(EventCheck, V2KeysOnlyCountWhenSwitchedOn) {
  const std::string event = WebEvent({{"/event_name", ""}, {"/event_type", "\"PURCHASE\""}});
  EXPECT_EQ(Codes(Check(event)), "9001");
  Rules rules;
  rules.v2_keys_accepted = true;
  EXPECT_EQ(Codes(Check(event, rules)), "");
}

TEST(EventCheck, SomethingThatIsNoObject) { EXPECT_EQ(Codes(Check("[1]")), "9002"); }

TEST(EventCheck, FactsForDeduplication) {
  const std::string event = WebEvent({{"/event_name", "\"purchase\""}});
  const auto body = JsonBody::Parse(event);
  const EventFacts facts = CheckEvent((*body)->root(), true, Rules(), SampleTime()).facts;
  EXPECT_EQ(facts.name, "PURCHASE");
  EXPECT_EQ(facts.raw_name, "purchase");
  EXPECT_EQ(facts.event_id, "w-1");
  EXPECT_EQ(facts.order_id, "A-77");
  EXPECT_EQ(facts.time, SampleTime());
  EXPECT_TRUE(facts.test);
  EXPECT_EQ(facts.signals, kEmail | kAddressAndAgent | kCookie);
}

}  // namespace
}  // namespace snapledger::emulator
