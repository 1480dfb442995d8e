#include "services/cli/settings_flags.h"

#include <google/protobuf/util/time_util.h>

#include <map>

#include "services/base/status_macros.h"
#include "services/cli/choice.h"
#include "services/cli/time_flags.h"

namespace snapledger::cli {
namespace {

constexpr char kGroup[] = "Destination settings";

absl::Status SetDuration(const std::string& text, google::protobuf::Duration* message) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const absl::Duration duration, ParseDuration(text));
  *message =
      google::protobuf::util::TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(duration));
  return absl::OkStatus();
}

// The age of one action source, made where there is none yet.
v1::MaxEventAge* AgeOf(v1::ActionSource action_source, v1::DestinationSettings* settings) {
  for (v1::MaxEventAge& age : *settings->mutable_max_event_ages()) {
    if (age.action_source() == action_source) return &age;
  }
  v1::MaxEventAge* const age = settings->add_max_event_ages();
  age->set_action_source(action_source);
  return age;
}

}  // namespace

void SettingsFlags::AddTo(CLI::App& command) {
  command_ = &command;
  const Choices<v1::Consent> consents = {{"granted", v1::CONSENT_GRANTED},
                                         {"limited", v1::CONSENT_LIMITED},
                                         {"denied", v1::CONSENT_DENIED}};
  const std::vector<CLI::Option*> options = {
      command.add_option("--max-requests-per-second", max_requests_per_second_,
                         "requests to Snap a second [10]"),
      command.add_option("--max-events-per-request", max_events_per_request_,
                         "events in one request, 1 to 2000 [2000]"),
      command.add_option("--max-in-flight-requests", max_in_flight_requests_,
                         "requests under way at once, 1 to 64 [4]"),
      command
          .add_option("--default-phone-region", default_phone_region_,
                      "ISO 3166 code for phones without a country code [none: refused]")
          ->type_name("REGION"),
      command
          .add_option("--max-event-age", max_event_ages_,
                      "oldest event taken, as SOURCE=AGE with SOURCE web, mobile_app or "
                      "offline, at most 37d [7d each]")
          ->type_name("SOURCE=AGE"),
      command
          .add_option("--dedup-window", dedup_window_,
                      "how long after its first send an event may be sent again [48h]")
          ->type_name("DURATION"),
      command
          .add_option("--purchase-dedup-window", purchase_dedup_window_,
                      "the same for a PURCHASE with an order id [30d]")
          ->type_name("DURATION"),
      command.add_option("--limited-data-literal", limited_data_literal_,
                         "sent where consent is LIMITED [LMU]"),
      AddChoice(command, "--unspecified-consent", &unspecified_consent_, consents,
                "what an event without consent counts as [granted]"),
      command
          .add_option("--test-event-code", test_event_code_,
                      "sends events as test events under this code; empty ends it [none]")
          ->type_name("CODE"),
      command
          .add_option("--request-timeout", request_timeout_,
                      "of one request to Snap, 100ms to 60s [10s]")
          ->type_name("DURATION"),
      command.add_flag("--gzip,!--no-gzip", gzip_, "compress requests to Snap [no]"),
      command.add_option("--lane-count", lane_count_,
                         "lanes that share a very large destination, 1 to 64; may be changed [1]")};
  for (CLI::Option* const option : options) option->group(kGroup);
}

absl::Status SettingsFlags::Apply(v1::DestinationSettings* settings) const {
  if (Given("--max-requests-per-second")) {
    settings->set_max_requests_per_second(max_requests_per_second_);
  }
  if (Given("--max-events-per-request")) {
    settings->set_max_events_per_request(max_events_per_request_);
  }
  if (Given("--max-in-flight-requests")) {
    settings->set_max_in_flight_requests(max_in_flight_requests_);
  }
  if (Given("--default-phone-region")) {
    settings->set_default_phone_region(default_phone_region_);
  }
  if (Given("--limited-data-literal")) {
    settings->set_limited_data_literal(limited_data_literal_);
  }
  if (Given("--unspecified-consent")) settings->set_unspecified_consent(unspecified_consent_);
  if (Given("--test-event-code")) {
    settings->set_test_event_code(test_event_code_);
    settings->set_test_mode(!test_event_code_.empty());
  }
  if (Given("--gzip")) settings->set_gzip_requests(gzip_);
  if (Given("--lane-count")) settings->set_lane_count(lane_count_);
  SNAPLEDGER_RETURN_IF_ERROR(ApplyDurations(settings));
  return ApplyEventAges(settings);
}

absl::Status SettingsFlags::ApplyDurations(v1::DestinationSettings* settings) const {
  if (Given("--dedup-window")) {
    SNAPLEDGER_RETURN_IF_ERROR(SetDuration(dedup_window_, settings->mutable_dedup_window()));
  }
  if (Given("--purchase-dedup-window")) {
    SNAPLEDGER_RETURN_IF_ERROR(
        SetDuration(purchase_dedup_window_, settings->mutable_purchase_dedup_window()));
  }
  if (!Given("--request-timeout")) return absl::OkStatus();
  return SetDuration(request_timeout_, settings->mutable_request_timeout());
}

absl::Status SettingsFlags::ApplyEventAges(v1::DestinationSettings* settings) const {
  const std::map<std::string, v1::ActionSource> sources = {
      {"web", v1::ACTION_SOURCE_WEB},
      {"mobile_app", v1::ACTION_SOURCE_MOBILE_APP},
      {"offline", v1::ACTION_SOURCE_OFFLINE}};
  for (const std::string& given : max_event_ages_) {
    const size_t equals = given.find('=');
    const auto source = sources.find(given.substr(0, equals));
    if (equals == std::string::npos || source == sources.end()) {
      return absl::InvalidArgumentError(
          "--max-event-age must be SOURCE=AGE with SOURCE web, mobile_app or offline");
    }
    SNAPLEDGER_RETURN_IF_ERROR(
        SetDuration(given.substr(equals + 1), AgeOf(source->second, settings)->mutable_max_age()));
  }
  return absl::OkStatus();
}

}  // namespace snapledger::cli
