#include "services/event/content_digest.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "services/event/decimal.h"
#include "services/event/sha256.h"

namespace snapledger::event {
namespace {

// Appends fields as tag, length, bytes; absent ones not at all. The tags are part of what is
// stored: a number is never given a new meaning.
class Serialization {
 public:
  explicit Serialization(std::string* bytes) : bytes_(*bytes) { bytes_.clear(); }

  void Text(uint8_t tag, std::string_view text) {
    if (text.empty()) return;
    Tag(tag);
    Integer(text.size());
    bytes_.append(text);
  }

  void Number(uint8_t tag, int64_t number) {
    if (number == 0) return;
    Tag(tag);
    Integer(static_cast<uint64_t>(number));
  }

  void Texts(uint8_t tag, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    List(tag, texts.size());
    for (const std::string& text : texts) {
      Integer(text.size());
      bytes_.append(text);
    }
  }

  void Digests(uint8_t tag, std::vector<Sha256Digest> digests) {
    std::sort(digests.begin(), digests.end());
    digests.erase(std::unique(digests.begin(), digests.end()), digests.end());
    if (digests.empty()) return;
    List(tag, digests.size());
    for (const Sha256Digest& digest : digests) {
      bytes_.append(reinterpret_cast<const char*>(digest.data()), digest.size());
    }
  }

  // Starts a list of `size` elements, of one form each.
  void List(uint8_t tag, size_t size) {
    Tag(tag);
    Integer(size);
  }

 private:
  void Tag(uint8_t tag) { bytes_.push_back(static_cast<char>(tag)); }

  void Integer(uint64_t value) {
    std::array<char, sizeof(value)> bytes;
    for (char& byte : bytes) {
      byte = static_cast<char>(value & 0xFF);
      value >>= 8;
    }
    bytes_.append(bytes.data(), bytes.size());
  }

  std::string& bytes_;
};

void AddEnvelope(const ConversionEvent& event, const CallerForm& caller, Serialization* out) {
  out->Text(1, event.event_name);
  out->Number(2, absl::ToUnixSeconds(event.event_time));
  out->Number(3, static_cast<int64_t>(event.action_source));
  out->Text(4, event.event_source_url);
  out->Number(5, caller.consent);
  out->Text(6, event.source);
}

void AddUserData(const UserData& user, const CallerForm& caller, Serialization* out) {
  out->Digests(20, user.email);
  out->Digests(21, caller.stated_phones);
  std::vector<std::string> as_given = caller.phones_as_given;
  std::sort(as_given.begin(), as_given.end());
  as_given.erase(std::unique(as_given.begin(), as_given.end()), as_given.end());
  out->Texts(22, as_given);
  out->Digests(23, user.first_name);
  out->Digests(24, user.last_name);
  out->Digests(25, user.gender);
  out->Digests(26, user.city);
  out->Digests(27, user.state);
  out->Digests(28, user.zip);
  out->Digests(29, user.country);
  out->Digests(30, user.external_id);
  out->Text(31, user.client_ip_address);
  out->Text(32, user.client_user_agent);
  out->Text(33, user.click_id);
  out->Text(34, user.cookie1);
  out->Text(35, user.mobile_ad_id);
  out->Text(36, user.idfv);
  out->Text(37, user.subscription_id);
  out->Text(38, user.lead_id);
  out->Text(39, user.anon_id);
  out->Text(40, user.download_id);
  out->Text(41, user.partner_id);
}

void AddContents(const std::vector<Content>& contents, Serialization* out) {
  if (contents.empty()) return;
  out->List(67, contents.size());
  for (const Content& content : contents) {
    // Every element starts with its id, which is never empty, so elements cannot run together.
    out->Text(1, content.id);
    out->Number(2, content.quantity);
    out->Text(3, WithoutTrailingZeros(content.item_price));
    out->Text(4, content.delivery_category);
    out->Text(5, content.brand);
  }
}

void AddCustomData(const CustomData& custom, Serialization* out) {
  out->Text(60, custom.currency);
  out->Text(61, WithoutTrailingZeros(custom.value));
  out->Text(62, custom.order_id);
  out->Texts(63, custom.content_ids);
  out->Texts(64, custom.content_category);
  out->Text(65, custom.content_name);
  out->Text(66, custom.content_type);
  AddContents(custom.contents, out);
  out->Number(68, custom.num_items);
  out->Text(69, custom.search_string);
  out->Text(70, custom.sign_up_method);
  out->Text(71, custom.delivery_category);
  out->Text(72, custom.status);
  out->Text(73, custom.event_tag);
  out->Text(74, WithoutTrailingZeros(custom.predicted_ltv));
  out->Texts(75, custom.brands);
  for (const auto& [key, value] : custom.custom_fields) {
    out->Text(76, key);
    out->Text(77, value);
  }
  out->Text(78, custom.extra_json);
}

void AddAppData(const AppData& app, Serialization* out) {
  out->Text(100, app.app_id);
  out->Number(101, app.advertiser_tracking_enabled ? 1 : 0);
  if (app.application_tracking_enabled.has_value()) {
    out->Number(102, *app.application_tracking_enabled ? 2 : 1);
  }
  for (size_t slot = 0; slot < app.extinfo.size(); ++slot) {
    out->Text(static_cast<uint8_t>(110 + slot), app.extinfo[slot]);
  }
  out->Text(130, app.campaign_ids);
  out->Text(131, app.install_referrer);
  out->Text(132, app.installer_package);
  out->Texts(133, app.url_schemes);
}

}  // namespace

int64_t ComputeContentDigest(const ConversionEvent& event, const CallerForm& caller) {
  thread_local std::string bytes;
  Serialization out(&bytes);
  AddEnvelope(event, caller, &out);
  AddUserData(event.user_data, caller, &out);
  AddCustomData(event.custom_data, &out);
  if (event.app_data.has_value()) AddAppData(*event.app_data, &out);
  const Sha256Digest digest = Sha256(bytes);
  uint64_t first = 0;
  for (size_t i = 0; i < sizeof(first); ++i) first = first << 8 | digest[i];
  return static_cast<int64_t>(first);
}

}  // namespace snapledger::event
