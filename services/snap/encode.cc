#include "services/snap/encode.h"

#include <charconv>
#include <vector>

#include "services/event/byte_block.h"
#include "services/event/sha256.h"

namespace snapledger::snap {
namespace {

using event::AppData;
using event::Content;
using event::ConversionEvent;
using event::CustomData;
using event::Sha256Digest;
using event::UserData;

constexpr std::string_view kIntegration = "snapledger";
constexpr size_t kUsualEventBytes = 1024;

// Appends a JSON string. Text beyond ASCII goes out as the UTF-8 it is.
void AppendString(std::string_view text, std::string* json) {
  constexpr char kHex[] = "0123456789abcdef";
  json->push_back('"');
  size_t written = 0;
  const size_t plain = event::PlainPrefix(text, [](event::ByteBlock block) {
    return !block.HasBelow(0x20) && !block.Has('"') && !block.Has('\\');
  });
  for (size_t i = plain; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    json->append(text.substr(written, i - written));
    written = i + 1;
    switch (c) {
      case '"':
        json->append("\\\"");
        break;
      case '\\':
        json->append("\\\\");
        break;
      case '\n':
        json->append("\\n");
        break;
      case '\r':
        json->append("\\r");
        break;
      case '\t':
        json->append("\\t");
        break;
      default:
        json->append("\\u00");
        json->push_back(kHex[c >> 4]);
        json->push_back(kHex[c & 0xF]);
    }
  }
  json->append(text.substr(written));
  json->push_back('"');
}

void AppendInteger(int64_t number, std::string* json) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  json->append(digits, static_cast<size_t>(end - digits));
}

void AppendDigests(const std::vector<Sha256Digest>& digests, std::string* json) {
  json->push_back('[');
  for (const Sha256Digest& digest : digests) {
    if (json->back() != '[') json->push_back(',');
    json->push_back('"');
    event::AppendSha256Hex(digest, json);
    json->push_back('"');
  }
  json->push_back(']');
}

void AppendStrings(const std::vector<std::string>& texts, std::string* json) {
  json->push_back('[');
  for (const std::string& text : texts) {
    if (json->back() != '[') json->push_back(',');
    AppendString(text, json);
  }
  json->push_back(']');
}

// One JSON object from its opening to its closing brace; absent members are left out. Names are
// ours and need no escaping.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string* json) : json_(*json) { json_.push_back('{'); }
  ~ObjectWriter() { json_.push_back('}'); }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  std::string* Member(std::string_view name) {
    if (json_.back() != '{') json_.push_back(',');
    json_.push_back('"');
    json_.append(name);
    json_.append("\":");
    return &json_;
  }

  void String(std::string_view name, std::string_view text) {
    if (!text.empty()) AppendString(text, Member(name));
  }

  // A JSON number given as text.
  void Number(std::string_view name, std::string_view number) {
    if (!number.empty()) Member(name)->append(number);
  }

  // A count Snap takes as a string; 0 is absent.
  void CountString(std::string_view name, int64_t count) {
    if (count == 0) return;
    std::string* const json = Member(name);
    json->push_back('"');
    AppendInteger(count, json);
    json->push_back('"');
  }

  void Flag(std::string_view name, bool flag) { Member(name)->push_back(flag ? '1' : '0'); }

  void Digests(std::string_view name, const std::vector<Sha256Digest>& digests) {
    if (!digests.empty()) AppendDigests(digests, Member(name));
  }

  void Strings(std::string_view name, const std::vector<std::string>& texts) {
    if (!texts.empty()) AppendStrings(texts, Member(name));
  }

  // The members of a complete, non-empty JSON object.
  void Members(std::string_view object) {
    if (object.size() <= 2) return;
    if (json_.back() != '{') json_.push_back(',');
    json_.append(object.substr(1, object.size() - 2));
  }

 private:
  std::string& json_;
};

void AppendUserData(const UserData& user, std::string* json) {
  ObjectWriter object(json);
  object.Digests("em", user.email);
  object.Digests("ph", user.phone);
  object.Digests("fn", user.first_name);
  object.Digests("ln", user.last_name);
  object.Digests("ge", user.gender);
  object.Digests("ct", user.city);
  object.Digests("st", user.state);
  object.Digests("zp", user.zip);
  object.Digests("country", user.country);
  object.Digests("external_id", user.external_id);
  object.String("client_ip_address", user.client_ip_address);
  object.String("client_user_agent", user.client_user_agent);
  object.String("sc_click_id", user.click_id);
  object.String("sc_cookie1", user.cookie1);
  object.String("madid", user.mobile_ad_id);
  object.String("idfv", user.idfv);
  object.String("subscription_id", user.subscription_id);
  object.String("lead_id", user.lead_id);
  object.String("anon_id", user.anon_id);
  object.String("download_id", user.download_id);
  object.String("partner_id", user.partner_id);
}

void AppendContents(const std::vector<Content>& contents, std::string* json) {
  json->push_back('[');
  for (const Content& content : contents) {
    if (json->back() != '[') json->push_back(',');
    ObjectWriter object(json);
    object.String("id", content.id);
    object.CountString("quantity", content.quantity);
    object.String("item_price", content.item_price);
    object.String("delivery_category", content.delivery_category);
    object.String("brand", content.brand);
  }
  json->push_back(']');
}

void AppendCustomFields(const std::vector<std::pair<std::string, std::string>>& fields,
                        std::string* json) {
  json->push_back('{');
  for (const auto& [key, value] : fields) {
    if (json->back() != '{') json->push_back(',');
    AppendString(key, json);
    json->push_back(':');
    AppendString(value, json);
  }
  json->push_back('}');
}

void AppendCustomData(const CustomData& custom, std::string* json) {
  ObjectWriter object(json);
  object.Number("value", custom.value);
  object.String("currency", custom.currency);
  object.String("order_id", custom.order_id);
  object.Strings("content_ids", custom.content_ids);
  object.Strings("content_category", custom.content_category);
  object.String("content_name", custom.content_name);
  object.String("content_type", custom.content_type);
  if (!custom.contents.empty()) AppendContents(custom.contents, object.Member("contents"));
  object.CountString("num_items", custom.num_items);
  object.String("search_string", custom.search_string);
  object.String("sign_up_method", custom.sign_up_method);
  object.String("delivery_category", custom.delivery_category);
  object.String("status", custom.status);
  object.String("event_tag", custom.event_tag);
  object.Number("predicted_ltv", custom.predicted_ltv);
  object.Strings("brands", custom.brands);
  if (!custom.custom_fields.empty()) {
    AppendCustomFields(custom.custom_fields, object.Member("custom_fields"));
  }
  object.Members(custom.extra_json);
}

void AppendAppData(const AppData& app, std::string* json) {
  ObjectWriter object(json);
  object.String("app_id", app.app_id);
  object.Flag("advertiser_tracking_enabled", app.advertiser_tracking_enabled);
  if (app.application_tracking_enabled.has_value()) {
    object.Flag("application_tracking_enabled", *app.application_tracking_enabled);
  }
  std::string* const extinfo = object.Member("extinfo");
  extinfo->push_back('[');
  for (const std::string& slot : app.extinfo) {
    if (extinfo->back() != '[') extinfo->push_back(',');
    AppendString(slot, extinfo);
  }
  extinfo->push_back(']');
  object.String("campaign_ids", app.campaign_ids);
  object.String("install_referrer", app.install_referrer);
  object.String("installer_package", app.installer_package);
  object.Strings("url_schemes", app.url_schemes);
}

std::string_view ActionSourceName(event::ActionSource source) {
  switch (source) {
    case event::ActionSource::kWeb:
      return "WEB";
    case event::ActionSource::kMobileApp:
      return "MOBILE_APP";
    case event::ActionSource::kOffline:
      return "OFFLINE";
  }
  return {};
}

void AppendLimitedData(std::string_view literal, std::string* json) {
  json->push_back('[');
  AppendString(literal, json);
  json->push_back(']');
}

}  // namespace

void AppendSnapEvent(const ConversionEvent& event, const EncodeOptions& options,
                     std::string* json) {
  json->reserve(json->size() + kUsualEventBytes);
  ObjectWriter object(json);
  object.String("event_name", event.event_name);
  AppendInteger(absl::ToUnixSeconds(event.event_time), object.Member("event_time"));
  object.String("action_source", ActionSourceName(event.action_source));
  object.String("event_source_url", event.event_source_url);
  object.String("event_id", event.event_id);
  object.String("integration", kIntegration);
  object.String("test_event_code", options.test_event_code);
  if (event.consent == event::Consent::kLimited) {
    AppendLimitedData(options.limited_data_literal, object.Member("data_processing_options"));
  }
  AppendUserData(event.user_data, object.Member("user_data"));
  const size_t before_custom_data = json->size();
  AppendCustomData(event.custom_data, object.Member("custom_data"));
  if (json->back() == '}' && (*json)[json->size() - 2] == '{') json->resize(before_custom_data);
  if (event.app_data.has_value()) AppendAppData(*event.app_data, object.Member("app_data"));
}

RequestBody::RequestBody() : body_("{\"data\":[") {}

void RequestBody::Add(std::string_view event_json) {
  if (event_count_ > 0) body_.push_back(',');
  body_.append(event_json);
  ++event_count_;
}

std::string RequestBody::Finish() && {
  body_.append("]}");
  return std::move(body_);
}

}  // namespace snapledger::snap
