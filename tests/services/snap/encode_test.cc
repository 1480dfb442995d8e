#include "services/snap/encode.h"

#include <gtest/gtest.h>

#include <utility>

#include "services/event/sha256.h"

namespace snapledger::snap {
namespace {

using event::ActionSource;
using event::AppData;
using event::Consent;
using event::ConversionEvent;

constexpr std::string_view kHead =
    R"({"event_name":"PAGE_VIEW","event_time":1764000000,"action_source":"WEB",)";

ConversionEvent PageView() {
  ConversionEvent event;
  event.event_id = "e1";
  event.event_name = "PAGE_VIEW";
  event.event_time = absl::FromUnixSeconds(1'764'000'000);
  return event;
}

std::string Encode(const ConversionEvent& event, const EncodeOptions& options = {}) {
  std::string json;
  AppendSnapEvent(event, options, &json);
  return json;
}

std::string Expected(std::string_view rest) { return std::string(kHead).append(rest); }

TEST(Encode, WritesTheLeast) {
  EXPECT_EQ(Encode(PageView()),
            Expected(R"("event_id":"e1","integration":"snapledger","user_data":{}})"));
}

TEST(Encode, AppendsToWhatIsThere) {
  std::string json = "before";
  AppendSnapEvent(PageView(), {}, &json);
  EXPECT_EQ(json, "before" + Encode(PageView()));
}

TEST(Encode, WritesEveryMemberInOrder) {
  ConversionEvent event = PageView();
  event.event_source_url = "https://shop.example/?a=\"b\"";
  event.consent = Consent::kLimited;
  event.user_data.email = {event::Sha256("person@example.com")};
  event.user_data.external_id = {event::Sha256("a"), event::Sha256("b")};
  event.user_data.client_ip_address = "203.0.113.7";
  event.user_data.client_user_agent = "UA";
  event.user_data.click_id = "Abc";
  event.user_data.cookie1 = "c1";
  event.user_data.mobile_ad_id = "m";
  event.user_data.idfv = "v";
  event.custom_data.value = "12.50";
  event.custom_data.currency = "USD";
  event.custom_data.order_id = "A-1";
  event.custom_data.content_ids = {"1", "2"};
  event.custom_data.content_category = {"shoes"};
  event.custom_data.contents = {{"1", 2, "6.25", "in_store", "x"}, {"2", 0, "", "", ""}};
  event.custom_data.num_items = 3;
  event.custom_data.predicted_ltv = "100";
  event.custom_data.brands = {"x"};
  event.custom_data.custom_fields = {{"k", "v"}, {"l", "w"}};
  event.custom_data.extra_json = R"({"num_adults":2})";
  EXPECT_EQ(
      Encode(event, {"LMU", "TEST1"}),
      Expected(
          R"("event_source_url":"https://shop.example/?a=\"b\"","event_id":"e1",)"
          R"("integration":"snapledger","test_event_code":"TEST1",)"
          R"("data_processing_options":["LMU"],"user_data":{)"
          R"("em":["542d240129883c019e106e3b1b2d3f3cb3537c43c425364de8e951d5a3083345"],)"
          R"("external_id":["ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",)"
          R"("3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"],)"
          R"("client_ip_address":"203.0.113.7","client_user_agent":"UA","sc_click_id":"Abc",)"
          R"("sc_cookie1":"c1","madid":"m","idfv":"v"},)"
          R"("custom_data":{"value":12.50,"currency":"USD","order_id":"A-1",)"
          R"("content_ids":["1","2"],"content_category":["shoes"],)"
          R"("contents":[{"id":"1","quantity":"2","item_price":"6.25",)"
          R"("delivery_category":"in_store","brand":"x"},{"id":"2"}],)"
          R"("num_items":"3","predicted_ltv":100,"brands":["x"],)"
          R"("custom_fields":{"k":"v","l":"w"},"num_adults":2}})"));
}

TEST(Encode, WritesAppData) {
  ConversionEvent event = PageView();
  event.action_source = ActionSource::kMobileApp;
  AppData& app = event.app_data.emplace();
  app.app_id = "123";
  app.extinfo[0] = "i2";
  app.extinfo[4] = "17.5";
  app.application_tracking_enabled = true;
  app.url_schemes = {"a"};
  EXPECT_EQ(Encode(event),
            R"({"event_name":"PAGE_VIEW","event_time":1764000000,"action_source":"MOBILE_APP",)"
            R"("event_id":"e1","integration":"snapledger","user_data":{},)"
            R"("app_data":{"app_id":"123","advertiser_tracking_enabled":0,)"
            R"("application_tracking_enabled":1,)"
            R"("extinfo":["i2","","","","17.5","","","","","","","","","","",""],)"
            R"("url_schemes":["a"]}})");
}

TEST(Encode, EscapesStrings) {
  ConversionEvent event = PageView();
  event.event_id = std::string("a\"\\\n\r\t\x01/\u2028é\0", 14);
  EXPECT_EQ(Encode(event), Expected("\"event_id\":\"a\\\"\\\\\\n\\r\\t\\u0001/\u2028é\\u0000\","
                                    "\"integration\":\"snapledger\",\"user_data\":{}}"));
}

TEST(Encode, EscapesWhereverItIsNeeded) {
  for (const auto& [c, escaped] : {std::pair{'"', "\\\""}, {'\\', "\\\\"}, {'\x1f', "\\u001f"}}) {
    for (size_t place = 0; place < 20; ++place) {
      const std::string before(place, '\x7f');  // which needs none
      const std::string after(19 - place, '\x20');
      ConversionEvent event = PageView();
      event.event_id = before + c + after;
      EXPECT_EQ(Encode(event), Expected("\"event_id\":\"" + before + escaped + after +
                                        "\",\"integration\":\"snapledger\",\"user_data\":{}}"))
          << place;
    }
  }
}

TEST(Encode, UsesTheLiteralOfTheDestination) {
  ConversionEvent event = PageView();
  event.consent = Consent::kLimited;
  EXPECT_NE(Encode(event, {"LDU", ""}).find(R"("data_processing_options":["LDU"])"),
            std::string::npos);
  event.consent = Consent::kGranted;
  EXPECT_EQ(Encode(event).find("data_processing_options"), std::string::npos);
}

TEST(RequestBody, FramesEvents) {
  RequestBody body;
  EXPECT_EQ(body.event_count(), 0);
  body.Add("{\"a\":1}");
  body.Add("{\"b\":2}");
  EXPECT_EQ(body.event_count(), 2);
  EXPECT_EQ(std::move(body).Finish(), R"({"data":[{"a":1},{"b":2}]})");
  EXPECT_EQ(RequestBody().Finish(), R"({"data":[]})");
}

}  // namespace
}  // namespace snapledger::snap
