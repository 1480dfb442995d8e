#pragma once

#include <string_view>

#include "services/event/prepare.h"
#include "services/event/raw_event.h"

namespace snapledger::event {

inline constexpr absl::Time kExampleNow = absl::FromUnixSeconds(1'764'000'000);

inline RawIdentifier RawValue(std::string_view value) { return {RawIdentifier::Form::kRaw, value}; }

inline RawIdentifier HashedValue(std::string_view hex) {
  return {RawIdentifier::Form::kSha256, hex};
}

inline PreparePolicy PixelPolicy() {
  PreparePolicy policy;
  policy.now = kExampleNow;
  return policy;
}

inline PreparePolicy AppPolicy() {
  PreparePolicy policy = PixelPolicy();
  policy.destination_kind = DestinationKind::kApp;
  return policy;
}

// A purchase on the web that nothing is wrong with or odd about.
inline RawEvent ExamplePurchase() {
  RawEvent raw;
  raw.event_id = "order-77";
  raw.name_form = RawEvent::NameForm::kStandard;
  raw.standard_event = 1;
  raw.event_time = kExampleNow - absl::Minutes(1);
  raw.action_source = 1;
  raw.event_source_url = "https://shop.example/thanks";
  raw.has_user_data = true;
  raw.user_data.email = {RawValue("Person@Example.com")};
  raw.has_custom_data = true;
  raw.custom_data.currency = "USD";
  raw.custom_data.value = "12.50";
  raw.source = "checkout";
  return raw;
}

// An app event that nothing is wrong with or odd about.
inline RawEvent ExampleAppOpen() {
  RawEvent raw;
  raw.event_id = "open-1";
  raw.name_form = RawEvent::NameForm::kStandard;
  raw.standard_event = 26;
  raw.event_time = kExampleNow;
  raw.action_source = 2;
  raw.has_user_data = true;
  raw.user_data.mobile_ad_id = "87A7DEF4-B6E9-4BF7-91B6-66372842007A";
  raw.has_app_data = true;
  raw.app_data.app_id = "1234567890";
  raw.app_data.advertiser_tracking_enabled = 2;
  raw.app_data.extinfo = {"i2", "com.x", "", "", "17.2"};
  return raw;
}

}  // namespace snapledger::event
