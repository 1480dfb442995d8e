#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace snapledger::event {

// One conversion as a caller reports it, before any check. The field names and their order are
// those of snapledger.v1.ConversionEvent; enums carry the wire numbers, so that an unknown number
// is still seen and refused. All text points into the request, which must outlive this. Holds raw
// personal data: never log, print or keep one.

struct RawIdentifier {
  enum class Form : uint8_t { kMissing, kRaw, kSha256 };
  Form form = Form::kMissing;
  std::string_view value;
};

struct RawUserData {
  std::vector<RawIdentifier> email, phone, first_name, last_name, gender, city, state, zip, country,
      external_id;
  std::string_view client_ip_address, client_user_agent, click_id, cookie1, mobile_ad_id, idfv,
      subscription_id, lead_id, anon_id, download_id, partner_id;
};

struct RawContent {
  std::string_view id;
  int64_t quantity = 0;  // 0: absent
  std::string_view item_price, delivery_category, brand;
};

struct RawCustomData {
  std::string_view currency, value, order_id;
  std::vector<std::string_view> content_ids, content_category;
  std::string_view content_name, content_type;
  std::vector<RawContent> contents;
  int64_t num_items = 0;  // 0: absent
  std::string_view search_string, sign_up_method, delivery_category, status, event_tag,
      predicted_ltv;
  std::vector<std::string_view> brands;
  std::vector<std::pair<std::string_view, std::string_view>> custom_fields;  // sorted by key
  std::string_view extra_json;  // the members of `extra` as one JSON object, keys sorted; or empty
};

struct RawAppData {
  std::string_view app_id;
  int advertiser_tracking_enabled = 0;  // Tristate: 0 unspecified, 1 false, 2 true
  std::vector<std::string_view> extinfo;
  std::string_view campaign_ids, install_referrer, installer_package;
  std::vector<std::string_view> url_schemes;
  int application_tracking_enabled = 0;
};

struct RawEvent {
  std::string_view event_id;
  enum class NameForm : uint8_t { kMissing, kStandard, kCustom };
  NameForm name_form = NameForm::kMissing;
  int standard_event = 0;
  std::string_view custom_event;
  std::optional<absl::Time> event_time;  // nullopt: not set
  bool event_time_valid = true;          // false: a Timestamp outside its own range
  int action_source = 0;
  std::string_view event_source_url;
  bool has_user_data = false;
  RawUserData user_data;
  bool has_custom_data = false;
  RawCustomData custom_data;
  bool has_app_data = false;
  RawAppData app_data;
  int consent = 0;
  std::string_view source;
  size_t serialized_bytes = 0;  // of the event on the wire, for the size limit
};

}  // namespace snapledger::event
