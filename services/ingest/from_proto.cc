#include "services/ingest/from_proto.h"

#include <algorithm>

#include "services/event/limits.h"
#include "services/ingest/extra_json.h"

namespace snapledger::ingest {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;
using Identifiers = google::protobuf::RepeatedPtrField<v1::Identifier>;

// The range google.protobuf.Timestamp documents: years 1 to 9999.
constexpr int64_t kTimestampSecondsMin = -62135596800;
constexpr int64_t kTimestampSecondsMax = 253402300799;
constexpr int32_t kNanosMax = 999'999'999;

std::vector<std::string_view> Views(const Texts& texts) { return {texts.begin(), texts.end()}; }

std::vector<event::RawIdentifier> Identify(const Identifiers& messages) {
  std::vector<event::RawIdentifier> identifiers;
  identifiers.reserve(messages.size());
  for (const v1::Identifier& message : messages) {
    event::RawIdentifier& identifier = identifiers.emplace_back();
    if (message.value_case() == v1::Identifier::kRaw) {
      identifier = {event::RawIdentifier::Form::kRaw, message.raw()};
    } else if (message.value_case() == v1::Identifier::kSha256) {
      identifier = {event::RawIdentifier::Form::kSha256, message.sha256()};
    }
  }
  return identifiers;
}

void SetName(const v1::ConversionEvent& message, event::RawEvent* raw) {
  if (message.name_case() == v1::ConversionEvent::kStandardEvent) {
    raw->name_form = event::RawEvent::NameForm::kStandard;
    raw->standard_event = message.standard_event();
  } else if (message.name_case() == v1::ConversionEvent::kCustomEvent) {
    raw->name_form = event::RawEvent::NameForm::kCustom;
    raw->custom_event = message.custom_event();
  }
}

void SetTime(const v1::ConversionEvent& message, event::RawEvent* raw) {
  if (!message.has_event_time()) return;
  const auto& time = message.event_time();
  raw->event_time_valid = time.seconds() >= kTimestampSecondsMin &&
                          time.seconds() <= kTimestampSecondsMax && time.nanos() >= 0 &&
                          time.nanos() <= kNanosMax;
  raw->event_time = raw->event_time_valid
                        ? absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos())
                        : absl::UnixEpoch();
}

void SetUserData(const v1::UserData& message, event::RawUserData* raw) {
  raw->email = Identify(message.email());
  raw->phone = Identify(message.phone());
  raw->first_name = Identify(message.first_name());
  raw->last_name = Identify(message.last_name());
  raw->gender = Identify(message.gender());
  raw->city = Identify(message.city());
  raw->state = Identify(message.state());
  raw->zip = Identify(message.zip());
  raw->country = Identify(message.country());
  raw->external_id = Identify(message.external_id());
  raw->client_ip_address = message.client_ip_address();
  raw->client_user_agent = message.client_user_agent();
  raw->click_id = message.click_id();
  raw->cookie1 = message.cookie1();
  raw->mobile_ad_id = message.mobile_ad_id();
  raw->idfv = message.idfv();
  raw->subscription_id = message.subscription_id();
  raw->lead_id = message.lead_id();
  raw->anon_id = message.anon_id();
  raw->download_id = message.download_id();
  raw->partner_id = message.partner_id();
}

void SetContents(const v1::CustomData& message, event::RawCustomData* raw) {
  raw->contents.reserve(message.contents_size());
  for (const v1::Content& content : message.contents()) {
    raw->contents.push_back({content.id(), content.quantity(), content.item_price(),
                             content.delivery_category(), content.brand()});
  }
}

void SetCustomFields(const v1::CustomData& message, event::RawCustomData* raw) {
  raw->custom_fields.assign(message.custom_fields().begin(), message.custom_fields().end());
  std::sort(raw->custom_fields.begin(), raw->custom_fields.end());
}

void SetCustomData(const v1::CustomData& message, event::RawCustomData* raw) {
  raw->currency = message.currency();
  raw->value = message.value();
  raw->order_id = message.order_id();
  raw->content_ids = Views(message.content_ids());
  raw->content_category = Views(message.content_category());
  raw->content_name = message.content_name();
  raw->content_type = message.content_type();
  SetContents(message, raw);
  raw->num_items = message.num_items();
  raw->search_string = message.search_string();
  raw->sign_up_method = message.sign_up_method();
  raw->delivery_category = message.delivery_category();
  raw->status = message.status();
  raw->event_tag = message.event_tag();
  raw->predicted_ltv = message.predicted_ltv();
  raw->brands = Views(message.brands());
  SetCustomFields(message, raw);
}

void SetAppData(const v1::AppData& message, event::RawAppData* raw) {
  raw->app_id = message.app_id();
  raw->advertiser_tracking_enabled = message.advertiser_tracking_enabled();
  raw->extinfo = Views(message.extinfo());
  raw->campaign_ids = message.campaign_ids();
  raw->install_referrer = message.install_referrer();
  raw->installer_package = message.installer_package();
  raw->url_schemes = Views(message.url_schemes());
  raw->application_tracking_enabled = message.application_tracking_enabled();
}

}  // namespace

event::RawEvent FromProto(const v1::ConversionEvent& message, std::string* extra_json) {
  event::RawEvent raw;
  raw.event_id = message.event_id();
  SetName(message, &raw);
  SetTime(message, &raw);
  raw.action_source = message.action_source();
  raw.event_source_url = message.event_source_url();
  raw.has_user_data = message.has_user_data();
  SetUserData(message.user_data(), &raw.user_data);
  raw.has_custom_data = message.has_custom_data();
  SetCustomData(message.custom_data(), &raw.custom_data);
  raw.has_app_data = message.has_app_data();
  SetAppData(message.app_data(), &raw.app_data);
  raw.consent = message.consent();
  raw.source = message.source();
  raw.serialized_bytes = message.ByteSizeLong();
  // An event that is too large is refused for that; writing out its extra would be lost work.
  *extra_json = raw.serialized_bytes <= event::kEventBytesMax
                    ? ExtraJson(message.custom_data().extra())
                    : std::string();
  raw.custom_data.extra_json = *extra_json;
  return raw;
}

void ToProto(const event::Violation& violation, v1::Violation* message) {
  message->set_field(violation.field);
  message->set_reason(static_cast<v1::Reason>(violation.reason));
  message->set_description(violation.description);
}

}  // namespace snapledger::ingest
