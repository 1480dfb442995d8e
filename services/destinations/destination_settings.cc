#include "services/destinations/destination_settings.h"

#include <google/protobuf/util/time_util.h>
#include <unicode/uloc.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/ascii.h"
#include "services/base/text.h"

namespace snapledger::destinations {
namespace {

using google::protobuf::util::TimeUtil;

constexpr double kRequestsPerSecondMin = 0.01;
constexpr double kRequestsPerSecondMax = 1000;
constexpr int kEventsPerRequestMax = 2000;
constexpr int kInFlightRequestsMax = 64;
constexpr int kLanesMax = 64;
constexpr size_t kLiteralBytesMax = 32;
constexpr size_t kTestEventCodeBytesMax = 64;
constexpr size_t kDestinationIdBytesMax = 64;
constexpr absl::Duration kEventAgeMin = absl::Minutes(1);
constexpr absl::Duration kEventAgeMax = absl::Hours(37 * 24);
constexpr absl::Duration kDedupWindowMin = absl::Minutes(1);
constexpr absl::Duration kDedupWindowMax = absl::Hours(60 * 24);
constexpr absl::Duration kRequestTimeoutMin = absl::Milliseconds(100);
constexpr absl::Duration kRequestTimeoutMax = absl::Seconds(60);
constexpr int64_t kDurationSecondsMax = 315'576'000'000;  // as google.protobuf.Duration documents
constexpr int32_t kNanosMax = 999'999'999;

// Reads the settings one after the other and notes what is wrong.
class SettingsReader {
 public:
  SettingsReader(const v1::DestinationSettings& message,
                 std::vector<base::FieldViolation>* violations)
      : message_(message), violations_(*violations) {}

  storage::DestinationSettings Read() {
    ReadLimits();
    ReadPhoneRegion();
    ReadEventAges();
    ReadDuration("dedup_window", message_.has_dedup_window(), message_.dedup_window(),
                 kDedupWindowMin, kDedupWindowMax, &settings_.dedup_window);
    ReadDuration("purchase_dedup_window", message_.has_purchase_dedup_window(),
                 message_.purchase_dedup_window(), kDedupWindowMin, kDedupWindowMax,
                 &settings_.purchase_dedup_window);
    ReadDuration("request_timeout", message_.has_request_timeout(), message_.request_timeout(),
                 kRequestTimeoutMin, kRequestTimeoutMax, &settings_.request_timeout);
    ReadConsent();
    ReadTestMode();
    settings_.gzip_requests = message_.gzip_requests();
    return settings_;
  }

 private:
  void Refuse(std::string_view field, std::string description) {
    violations_.push_back({base::Concat("settings.", field), std::move(description)});
  }

  void ReadLimits() {
    const double rate = message_.max_requests_per_second();
    if (rate != 0) {
      settings_.max_requests_per_second = rate;
      if (!(rate >= kRequestsPerSecondMin && rate <= kRequestsPerSecondMax)) {
        Refuse("max_requests_per_second", base::Concat("must be between ", kRequestsPerSecondMin,
                                                       " and ", kRequestsPerSecondMax));
      }
    }
    ReadCount("max_events_per_request", message_.max_events_per_request(), kEventsPerRequestMax,
              &settings_.max_events_per_request);
    ReadCount("max_in_flight_requests", message_.max_in_flight_requests(), kInFlightRequestsMax,
              &settings_.max_in_flight_requests);
    ReadCount("lane_count", message_.lane_count(), kLanesMax, &settings_.lane_count);
  }

  void ReadCount(std::string_view field, int32_t given, int32_t max, int32_t* value) {
    if (given == 0) return;
    *value = given;
    if (given < 1 || given > max) Refuse(field, base::Concat("must be between 1 and ", max));
  }

  void ReadPhoneRegion() {
    settings_.default_phone_region = absl::AsciiStrToUpper(message_.default_phone_region());
    const std::string& region = settings_.default_phone_region;
    if (region.empty()) return;
    for (const char* const* known = uloc_getISOCountries(); *known != nullptr; ++known) {
      if (region == *known) return;
    }
    Refuse("default_phone_region", "must be an ISO 3166 alpha-2 code, such as US");
  }

  absl::Duration* EventAge(v1::ActionSource action_source) {
    switch (action_source) {
      case v1::ACTION_SOURCE_WEB:
        return &settings_.max_age_web;
      case v1::ACTION_SOURCE_MOBILE_APP:
        return &settings_.max_age_mobile_app;
      case v1::ACTION_SOURCE_OFFLINE:
        return &settings_.max_age_offline;
      default:
        return nullptr;
    }
  }

  void ReadEventAges() {
    std::vector<v1::ActionSource> seen;
    for (int i = 0; i < message_.max_event_ages_size(); ++i) {
      const v1::MaxEventAge& age = message_.max_event_ages(i);
      const std::string path = base::Concat("max_event_ages[", i, "]");
      absl::Duration* value = EventAge(age.action_source());
      if (value == nullptr) {
        Refuse(path + ".action_source", "must be one of WEB, MOBILE_APP and OFFLINE");
        continue;
      }
      if (std::find(seen.begin(), seen.end(), age.action_source()) != seen.end()) {
        Refuse(path + ".action_source", "is given twice");
        continue;
      }
      seen.push_back(age.action_source());
      ReadDuration(path + ".max_age", age.has_max_age(), age.max_age(), kEventAgeMin, kEventAgeMax,
                   value);
    }
  }

  void ReadDuration(std::string_view field, bool present, const google::protobuf::Duration& message,
                    absl::Duration min, absl::Duration max, absl::Duration* value) {
    if (!present || (message.seconds() == 0 && message.nanos() == 0)) return;
    const absl::Duration given =
        absl::Seconds(message.seconds()) + absl::Nanoseconds(message.nanos());
    const bool well_formed = std::abs(message.seconds()) <= kDurationSecondsMax &&
                             std::abs(message.nanos()) <= kNanosMax;
    if (!well_formed || given < min || given > max) {
      Refuse(field, absl::StrCat("must be between ", absl::FormatDuration(min), " and ",
                                 absl::FormatDuration(max)));
      return;
    }
    *value = given;
  }

  void ReadConsent() {
    if (!v1::Consent_IsValid(message_.unspecified_consent())) {
      Refuse("unspecified_consent", "is not a known value");
    } else if (message_.unspecified_consent() != v1::CONSENT_UNSPECIFIED) {
      settings_.unspecified_consent = static_cast<int16_t>(message_.unspecified_consent());
    }
    const std::string& literal = message_.limited_data_literal();
    if (literal.empty()) return;
    settings_.limited_data_literal = literal;
    const bool plain = std::all_of(literal.begin(), literal.end(), [](unsigned char c) {
      return absl::ascii_isalnum(c) || c == '_';
    });
    if (!plain || literal.size() > kLiteralBytesMax) {
      Refuse("limited_data_literal", "must be 1 to 32 letters, digits or underscores");
    }
  }

  void ReadTestMode() {
    settings_.test_mode = message_.test_mode();
    settings_.test_event_code = message_.test_event_code();
    const std::string& code = settings_.test_event_code;
    if (settings_.test_mode && code.empty()) {
      Refuse("test_event_code", "is required where test_mode is set");
    }
    const bool visible = std::all_of(code.begin(), code.end(), absl::ascii_isgraph);
    if (!visible || code.size() > kTestEventCodeBytesMax) {
      Refuse("test_event_code", "must be at most 64 visible ASCII characters");
    }
  }

  const v1::DestinationSettings& message_;
  std::vector<base::FieldViolation>& violations_;
  storage::DestinationSettings settings_;
};

google::protobuf::Duration DurationToProto(absl::Duration duration) {
  return TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(duration));
}

void AgeToProto(v1::ActionSource action_source, absl::Duration age,
                v1::DestinationSettings* message) {
  v1::MaxEventAge* entry = message->add_max_event_ages();
  entry->set_action_source(action_source);
  *entry->mutable_max_age() = DurationToProto(age);
}

}  // namespace

storage::DestinationSettings SettingsFromProto(const v1::DestinationSettings& message,
                                               std::vector<base::FieldViolation>* violations) {
  return SettingsReader(message, violations).Read();
}

void SettingsToProto(const storage::DestinationSettings& settings,
                     v1::DestinationSettings* message) {
  message->set_max_requests_per_second(settings.max_requests_per_second);
  message->set_max_events_per_request(settings.max_events_per_request);
  message->set_max_in_flight_requests(settings.max_in_flight_requests);
  message->set_default_phone_region(settings.default_phone_region);
  AgeToProto(v1::ACTION_SOURCE_WEB, settings.max_age_web, message);
  AgeToProto(v1::ACTION_SOURCE_MOBILE_APP, settings.max_age_mobile_app, message);
  AgeToProto(v1::ACTION_SOURCE_OFFLINE, settings.max_age_offline, message);
  *message->mutable_dedup_window() = DurationToProto(settings.dedup_window);
  *message->mutable_purchase_dedup_window() = DurationToProto(settings.purchase_dedup_window);
  message->set_limited_data_literal(settings.limited_data_literal);
  message->set_unspecified_consent(static_cast<v1::Consent>(settings.unspecified_consent));
  message->set_test_mode(settings.test_mode);
  message->set_test_event_code(settings.test_event_code);
  *message->mutable_request_timeout() = DurationToProto(settings.request_timeout);
  message->set_gzip_requests(settings.gzip_requests);
  message->set_lane_count(settings.lane_count);
}

bool IsDestinationId(std::string_view text) {
  if (text.empty() || text.size() > kDestinationIdBytesMax || text == "." || text == "..") {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace snapledger::destinations
