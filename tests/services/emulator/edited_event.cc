#include "tests/services/emulator/edited_event.h"

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/base/check.h"

namespace snapledger::emulator {
namespace {

constexpr char kWeb[] = R"({"event_name":"PURCHASE","action_source":"WEB","event_id":"w-1",
  "event_source_url":"https://shop.example/thanks?ScCid=abc","integration":"test",
  "user_data":{"em":["542d240129883c019e106e3b1b2d3f3cb3537c43c425364de8e951d5a3083345"],
    "client_ip_address":"203.0.113.7","client_user_agent":"Mozilla/5.0",
    "sc_cookie1":"6abc82ca-1b2c-4d5e-8f90-123456789abc"},
  "custom_data":{"value":142.42,"currency":"USD","order_id":"A-77","content_ids":["sku1"],
    "num_items":"1","contents":[{"id":"sku1","quantity":"1","item_price":"142.42"}]}})";

constexpr char kApp[] = R"({"event_name":"APP_OPEN","action_source":"MOBILE_APP","event_id":"a-1",
  "user_data":{"madid":"6abc82ca-1b2c-4d5e-8f90-123456789abc"},
  "app_data":{"app_id":"123456789","advertiser_tracking_enabled":1,
    "extinfo":["i2","","","","17.5","","","","","","","","","","",""]}})";

constexpr char kOffline[] = R"({"event_name":"PURCHASE","action_source":"OFFLINE","event_id":"o-1",
  "user_data":{"ph":["dc008fda46e2e64002cf2f82a4906236282d431c4f75e5b60bfe79fc48546383"]},
  "custom_data":{"value":"10","currency":"EUR"}})";

std::string Edited(const char* base, const std::vector<Edit>& edits, absl::Time now) {
  rapidjson::Document document;
  document.Parse(base);
  SNAPLEDGER_CHECK(!document.HasParseError());
  rapidjson::Pointer("/event_time").Set(document, absl::ToUnixSeconds(now));
  for (const auto& [path, json] : edits) {
    const rapidjson::Pointer pointer(path.c_str());
    if (json.empty()) {
      SNAPLEDGER_CHECK(pointer.Erase(document));
      continue;
    }
    rapidjson::Document value(&document.GetAllocator());
    value.Parse(json.c_str());
    SNAPLEDGER_CHECK(!value.HasParseError());
    pointer.Set(document, value);
  }
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  document.Accept(writer);
  return buffer.GetString();
}

}  // namespace

absl::Time SampleTime() { return absl::FromUnixSeconds(1'764'000'000); }

std::string WebEvent(const std::vector<Edit>& edits, absl::Time now) {
  return Edited(kWeb, edits, now);
}

std::string AppEvent(const std::vector<Edit>& edits, absl::Time now) {
  return Edited(kApp, edits, now);
}

std::string OfflineEvent(const std::vector<Edit>& edits, absl::Time now) {
  return Edited(kOffline, edits, now);
}

std::string Batch(const std::vector<std::string>& events) {
  return absl::StrCat(R"({"data":[)", absl::StrJoin(events, ","), "]}");
}

}  // namespace snapledger::emulator
