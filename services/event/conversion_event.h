#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "services/event/identifier_kind.h"

namespace snapledger::event {

using Sha256Digest = std::array<uint8_t, 32>;

enum class ActionSource : uint8_t { kWeb = 1, kMobileApp = 2, kOffline = 3 };
enum class Consent : uint8_t { kUnspecified = 0, kGranted = 1, kLimited = 2, kDenied = 3 };
enum class DestinationKind : uint8_t { kPixel = 1, kApp = 2 };

// One conversion after validation, normalisation and hashing: the values Snap wants hashed are
// digests; their raw form is gone. What Snap takes in plain (address, user agent, ids) is still
// personal data: stored only encrypted, never logged.
struct UserData {
  std::vector<Sha256Digest> email, phone, first_name, last_name, gender, city, state, zip, country,
      external_id;
  std::string client_ip_address, client_user_agent, click_id, cookie1, mobile_ad_id, idfv,
      subscription_id, lead_id, anon_id, download_id, partner_id;
};

struct Content {
  std::string id;
  int64_t quantity = 0;  // 0: absent
  std::string item_price, delivery_category, brand;
};

struct CustomData {
  std::string currency;  // upper case
  std::string value;     // a JSON number as text, with the digits the caller gave
  std::string order_id;
  std::vector<std::string> content_ids, content_category;
  std::string content_name, content_type;
  std::vector<Content> contents;
  int64_t num_items = 0;  // 0: absent
  std::string search_string, sign_up_method, delivery_category, status, event_tag,
      predicted_ltv;  // predicted_ltv: a JSON number as text
  std::vector<std::string> brands;
  std::vector<std::pair<std::string, std::string>> custom_fields;
  std::string extra_json;
};

struct AppData {
  std::string app_id;
  bool advertiser_tracking_enabled = false;
  std::optional<bool> application_tracking_enabled;
  std::array<std::string, 16> extinfo;
  std::string campaign_ids, install_referrer, installer_package;
  std::vector<std::string> url_schemes;
};

struct ConversionEvent {
  std::string event_id;
  std::string event_name;  // Snap's spelling, e.g. PURCHASE; a custom name as given
  int standard_event = 0;  // number of snapledger.v1.StandardEvent; 0: a custom name
  absl::Time event_time;
  ActionSource action_source = ActionSource::kWeb;
  std::string event_source_url;
  UserData user_data;
  CustomData custom_data;
  std::optional<AppData> app_data;
  Consent consent = Consent::kUnspecified;  // effective: UNSPECIFIED resolved by the destination
  std::string source;
  IdentifierMask supplied = 0;  // the field was present
  IdentifierMask usable = 0;    // and survived normalisation, no placeholder
};

}  // namespace snapledger::event
