#include "services/destinations/destination_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace snapledger::destinations {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> WrongFields(const v1::DestinationSettings& message) {
  std::vector<base::FieldViolation> violations;
  SettingsFromProto(message, &violations);
  std::vector<std::string> fields;
  for (const base::FieldViolation& violation : violations) fields.push_back(violation.field);
  return fields;
}

TEST(DestinationSettingsTest, EmptyMeansTheDefaults) {
  std::vector<base::FieldViolation> violations;
  const storage::DestinationSettings settings = SettingsFromProto({}, &violations);
  EXPECT_THAT(violations, IsEmpty());
  EXPECT_EQ(settings.max_requests_per_second, 10);
  EXPECT_EQ(settings.max_events_per_request, 2000);
  EXPECT_EQ(settings.max_age_web, absl::Hours(7 * 24));
  EXPECT_EQ(settings.purchase_dedup_window, absl::Hours(30 * 24));
  EXPECT_EQ(settings.limited_data_literal, "LMU");
  EXPECT_EQ(settings.unspecified_consent, v1::CONSENT_GRANTED);
  EXPECT_EQ(settings.lane_count, 1);
}

TEST(DestinationSettingsTest, EffectiveValuesReadBackAsThemselves) {
  v1::DestinationSettings given;
  given.set_max_requests_per_second(2.5);
  given.set_default_phone_region("us");
  auto* age = given.add_max_event_ages();
  age->set_action_source(v1::ACTION_SOURCE_OFFLINE);
  age->mutable_max_age()->set_seconds(37 * 86400);
  given.mutable_dedup_window()->set_seconds(3600);
  given.mutable_request_timeout()->set_nanos(250'000'000);
  given.set_unspecified_consent(v1::CONSENT_LIMITED);
  given.set_test_mode(true);
  given.set_test_event_code("TEST1");
  given.set_gzip_requests(true);
  given.set_lane_count(64);
  std::vector<base::FieldViolation> violations;
  const storage::DestinationSettings settings = SettingsFromProto(given, &violations);
  EXPECT_THAT(violations, IsEmpty());
  EXPECT_EQ(settings.default_phone_region, "US");

  v1::DestinationSettings shown;
  SettingsToProto(settings, &shown);
  EXPECT_EQ(shown.max_event_ages_size(), 3);
  v1::DestinationSettings again;
  SettingsToProto(SettingsFromProto(shown, &violations), &again);
  EXPECT_THAT(violations, IsEmpty());
  EXPECT_EQ(shown.SerializeAsString(), again.SerializeAsString());
}

TEST(DestinationSettingsTest, OutOfRangeIsRefusedByField) {
  v1::DestinationSettings message;
  message.set_max_requests_per_second(-1);
  message.set_max_events_per_request(2001);
  message.set_max_in_flight_requests(-4);
  message.set_lane_count(65);
  message.set_default_phone_region("ZZ");
  message.mutable_dedup_window()->set_seconds(61 * 86400);
  message.mutable_purchase_dedup_window()->set_seconds(-5);
  message.mutable_request_timeout()->set_seconds(61);
  message.set_unspecified_consent(static_cast<v1::Consent>(9));
  message.set_limited_data_literal("L\"MU");
  message.set_test_mode(true);
  EXPECT_THAT(WrongFields(message),
              ElementsAre("settings.max_requests_per_second", "settings.max_events_per_request",
                          "settings.max_in_flight_requests", "settings.lane_count",
                          "settings.default_phone_region", "settings.dedup_window",
                          "settings.purchase_dedup_window", "settings.request_timeout",
                          "settings.unspecified_consent", "settings.limited_data_literal",
                          "settings.test_event_code"));
}

TEST(DestinationSettingsTest, RateMustBeANumber) {
  v1::DestinationSettings message;
  message.set_max_requests_per_second(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(WrongFields(message), ElementsAre("settings.max_requests_per_second"));
}

TEST(DestinationSettingsTest, EventAgesAreCheckedOneByOne) {
  v1::DestinationSettings message;
  auto* too_long = message.add_max_event_ages();
  too_long->set_action_source(v1::ACTION_SOURCE_WEB);
  too_long->mutable_max_age()->set_seconds(37 * 86400 + 1);
  message.add_max_event_ages()->set_action_source(v1::ACTION_SOURCE_WEB);
  message.add_max_event_ages();
  EXPECT_THAT(WrongFields(message), ElementsAre("settings.max_event_ages[0].max_age",
                                                "settings.max_event_ages[1].action_source",
                                                "settings.max_event_ages[2].action_source"));
}

TEST(DestinationSettingsTest, MalformedDurationsAreRefused) {
  v1::DestinationSettings message;
  message.mutable_dedup_window()->set_seconds(std::numeric_limits<int64_t>::max());
  message.mutable_dedup_window()->set_nanos(2'000'000'000);
  EXPECT_THAT(WrongFields(message), ElementsAre("settings.dedup_window"));
}

TEST(DestinationIdTest, IsASafePathSegment) {
  for (const char* const good : {"0d9f0d3c-6b2e-4f5e-9a52-6f1f2b3c4d5e", "123", "a.b_c-D", "..."}) {
    EXPECT_TRUE(IsDestinationId(good)) << good;
  }
  const std::string too_long(65, 'a');
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("a b"),
        std::string("a%2f"), std::string("a\0b", 3), std::string("ä"), too_long}) {
    EXPECT_FALSE(IsDestinationId(bad)) << bad;
  }
}

}  // namespace
}  // namespace snapledger::destinations
