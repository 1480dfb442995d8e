#include "tests/services/event/neutral_event.h"

#include <array>
#include <charconv>

#include "services/event/sha256.h"
#include "services/event/standard_events.h"

namespace snapledger::event {
namespace {

constexpr int kUnknownActionSource = 99;

constexpr std::array<const char*, 16> kSlots = {
    "version",    "package_name", "short_version",   "long_version",
    "os_version", "device_model", "locale",          "timezone_abbr",
    "carrier",    "screen_width", "screen_height",   "screen_density",
    "cpu_cores",  "storage_gb",   "free_storage_gb", "device_timezone",
};

int ActionSourceNumber(std::string_view name) {
  if (name.empty()) return 0;
  if (name == "WEB" || name == "website" || name == "web") return 1;
  if (name == "MOBILE_APP" || name == "app") return 2;
  if (name == "OFFLINE") return 3;
  return kUnknownActionSource;
}

int Tristate(const rapidjson::Value& value) {
  const bool set = value.IsBool() ? value.GetBool() : value.IsInt() && value.GetInt() != 0;
  return set ? 2 : 1;
}

std::string NumberText(const rapidjson::Value& value) {
  if (value.IsInt64()) return std::to_string(value.GetInt64());
  char text[64];
  const auto end = std::to_chars(text, text + sizeof(text), value.GetDouble()).ptr;
  return std::string(text, end);
}

}  // namespace

std::vector<RawIdentifier>* HashedField(std::string_view kind, RawUserData* user) {
  if (kind == "email" || kind == "em") return &user->email;
  if (kind == "phone" || kind == "ph") return &user->phone;
  if (kind == "first_name" || kind == "fn") return &user->first_name;
  if (kind == "last_name" || kind == "ln") return &user->last_name;
  if (kind == "gender" || kind == "ge") return &user->gender;
  if (kind == "city" || kind == "ct") return &user->city;
  if (kind == "state" || kind == "st") return &user->state;
  if (kind == "zip" || kind == "zp") return &user->zip;
  if (kind == "country") return &user->country;
  if (kind == "external_id") return &user->external_id;
  return nullptr;
}

std::string_view* PlainField(std::string_view kind, RawUserData* user) {
  if (kind == "ip") return &user->client_ip_address;
  if (kind == "user_agent") return &user->client_user_agent;
  if (kind == "click_id") return &user->click_id;
  if (kind == "cookie1") return &user->cookie1;
  if (kind == "madid") return &user->mobile_ad_id;
  if (kind == "idfv") return &user->idfv;
  if (kind == "subscription_id") return &user->subscription_id;
  if (kind == "lead_id") return &user->lead_id;
  if (kind == "anon_id") return &user->anon_id;
  if (kind == "download_id") return &user->download_id;
  if (kind == "partner_id") return &user->partner_id;
  return nullptr;
}

std::string_view SnapMember(std::string_view kind) {
  static constexpr std::pair<std::string_view, std::string_view> kMembers[] = {
      {"email", "em"},
      {"phone", "ph"},
      {"first_name", "fn"},
      {"last_name", "ln"},
      {"gender", "ge"},
      {"city", "ct"},
      {"state", "st"},
      {"zip", "zp"},
      {"country", "country"},
      {"external_id", "external_id"},
      {"ip", "client_ip_address"},
      {"user_agent", "client_user_agent"},
      {"click_id", "sc_click_id"},
      {"cookie1", "sc_cookie1"},
      {"madid", "madid"},
      {"idfv", "idfv"},
      {"subscription_id", "subscription_id"},
      {"lead_id", "lead_id"},
      {"anon_id", "anon_id"},
      {"download_id", "download_id"},
      {"partner_id", "partner_id"},
  };
  for (const auto& [name, member] : kMembers) {
    if (name == kind) return member;
  }
  return {};
}

std::string_view NeutralEvent::Keep(std::string text) {
  return kept_.emplace_back(std::move(text));
}

std::string_view NeutralEvent::Text(const rapidjson::Value& value) {
  if (value.IsString()) return Keep(std::string(value.GetString(), value.GetStringLength()));
  if (value.IsNumber()) return Keep(NumberText(value));
  return {};
}

std::vector<std::string_view> NeutralEvent::Texts(const rapidjson::Value& value) {
  std::vector<std::string_view> texts;
  if (value.IsArray()) {
    for (const auto& element : value.GetArray()) texts.push_back(Text(element));
  } else if (!value.IsNull()) {
    texts.push_back(Text(value));
  }
  return texts;
}

DestinationKind NeutralEvent::destination_kind() const {
  return raw.action_source == 2 ? DestinationKind::kApp : DestinationKind::kPixel;
}

void NeutralEvent::AddIdentifier(std::string_view kind, const rapidjson::Value& value,
                                 bool hashed) {
  if (value.IsArray()) {
    for (const auto& element : value.GetArray()) AddIdentifier(kind, element, hashed);
    return;
  }
  if (value.IsNull()) return;
  const std::string_view text = Text(value);
  if (std::vector<RawIdentifier>* field = HashedField(kind, &raw.user_data)) {
    const bool is_hash = hashed || LooksLikeSha256Hex(text);
    field->push_back({is_hash ? RawIdentifier::Form::kSha256 : RawIdentifier::Form::kRaw, text});
  } else if (std::string_view* plain = PlainField(kind, &raw.user_data)) {
    *plain = text;
  }
  raw.has_user_data = true;
}

bool NeutralEvent::Read(const rapidjson::Value& event, std::string* reason) {
  if (!ReadEnvelope(event, reason) || !ReadTime(event, reason)) return false;
  if (event.HasMember("user")) ReadUser(event["user"]);
  if (event.HasMember("hashed_user")) ReadHashedUser(event["hashed_user"]);
  if (event.HasMember("custom")) ReadCustom(event["custom"]);
  return !event.HasMember("app") || ReadApp(event["app"], reason);
}

bool NeutralEvent::ReadEnvelope(const rapidjson::Value& event, std::string* reason) {
  if (event.HasMember("batch") || event.HasMember("batch_of")) {
    *reason = "about a request, not an event";
    return false;
  }
  if (event.HasMember("event_name")) {
    const rapidjson::Value& name = event["event_name"];
    if (!name.IsString()) {
      *reason = "a name is text by type";
      return false;
    }
    raw.standard_event = FindStandardEvent(name.GetString());
    raw.name_form =
        raw.standard_event != 0 ? RawEvent::NameForm::kStandard : RawEvent::NameForm::kCustom;
    raw.custom_event = Text(name);
  }
  if (event.HasMember("event_id")) raw.event_id = Text(event["event_id"]);
  if (event.HasMember("action_source")) {
    raw.action_source = ActionSourceNumber(Text(event["action_source"]));
  }
  if (event.HasMember("event_source_url")) raw.event_source_url = Text(event["event_source_url"]);
  if (event.HasMember("ldu")) raw.consent = event["ldu"].GetBool() ? 2 : 1;
  return true;
}

bool NeutralEvent::ReadTime(const rapidjson::Value& event, std::string* reason) {
  if (!event.HasMember("event_time") || event["event_time"].IsNull()) return true;
  const rapidjson::Value& time = event["event_time"];
  if (time.IsInt64()) {
    raw.event_time = absl::FromUnixSeconds(time.GetInt64());
    return true;
  }
  absl::Time parsed;
  std::string error;
  if (!time.IsString() || !absl::ParseTime(absl::RFC3339_full, time.GetString(), &parsed, &error)) {
    *reason = "a time is a Timestamp by type";
    return false;
  }
  raw.event_time = parsed;
  return true;
}

void NeutralEvent::ReadUser(const rapidjson::Value& user) {
  for (const auto& member : user.GetObject()) {
    AddIdentifier(member.name.GetString(), member.value, false);
  }
}

void NeutralEvent::ReadHashedUser(const rapidjson::Value& user) {
  for (const auto& member : user.GetObject()) {
    AddIdentifier(member.name.GetString(), member.value, true);
  }
}

void NeutralEvent::ReadContents(const rapidjson::Value& contents) {
  for (const auto& item : contents.GetArray()) {
    RawContent content;
    if (item.HasMember("id")) content.id = Text(item["id"]);
    if (item.HasMember("quantity")) content.quantity = item["quantity"].GetInt64();
    if (item.HasMember("item_price")) content.item_price = Text(item["item_price"]);
    if (item.HasMember("delivery_category")) {
      content.delivery_category = Text(item["delivery_category"]);
    }
    if (item.HasMember("brand")) content.brand = Text(item["brand"]);
    raw.custom_data.contents.push_back(content);
  }
}

void NeutralEvent::ReadCustom(const rapidjson::Value& custom) {
  raw.has_custom_data = true;
  RawCustomData& data = raw.custom_data;
  const std::pair<const char*, std::string_view*> texts[] = {
      {"currency", &data.currency},
      {"value", &data.value},
      {"order_id", &data.order_id},
      {"content_name", &data.content_name},
      {"content_type", &data.content_type},
      {"search_string", &data.search_string},
      {"sign_up_method", &data.sign_up_method},
      {"delivery_category", &data.delivery_category},
      {"status", &data.status},
      {"event_tag", &data.event_tag},
      {"predicted_ltv", &data.predicted_ltv},
  };
  for (const auto& [name, text] : texts) {
    if (custom.HasMember(name)) *text = Text(custom[name]);
  }
  if (custom.HasMember("content_ids")) data.content_ids = Texts(custom["content_ids"]);
  if (custom.HasMember("content_category")) {
    data.content_category = Texts(custom["content_category"]);
  }
  if (custom.HasMember("brands")) data.brands = Texts(custom["brands"]);
  if (custom.HasMember("num_items")) data.num_items = custom["num_items"].GetInt64();
  if (custom.HasMember("contents")) ReadContents(custom["contents"]);
}

bool NeutralEvent::ReadApp(const rapidjson::Value& app, std::string* reason) {
  raw.has_app_data = true;
  RawAppData& data = raw.app_data;
  if (app.HasMember("app_id")) data.app_id = Text(app["app_id"]);
  if (app.HasMember("advertiser_tracking_enabled")) {
    data.advertiser_tracking_enabled = Tristate(app["advertiser_tracking_enabled"]);
  }
  if (app.HasMember("application_tracking_enabled")) {
    data.application_tracking_enabled = Tristate(app["application_tracking_enabled"]);
  }
  if (!app.HasMember("extinfo")) return true;
  const rapidjson::Value& extinfo = app["extinfo"];
  if (extinfo.IsString()) {
    *reason = "extinfo is a list by type";
    return false;
  }
  if (extinfo.IsArray()) {
    data.extinfo = Texts(extinfo);
    return true;
  }
  for (const char* slot : kSlots) {
    data.extinfo.push_back(extinfo.HasMember(slot) ? Text(extinfo[slot]) : std::string_view());
  }
  return true;
}

}  // namespace snapledger::event
