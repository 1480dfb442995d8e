#include "services/ingest/from_proto.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class FromProtoTest : public ::testing::Test {
 protected:
  event::RawEvent Raw() { return FromProto(message_, &extra_json_); }

  v1::ConversionEvent message_;
  std::string extra_json_;
};

TEST_F(FromProtoTest, EmptyMessageHasNothing) {
  const event::RawEvent raw = Raw();
  EXPECT_EQ(raw.name_form, event::RawEvent::NameForm::kMissing);
  EXPECT_FALSE(raw.event_time);
  EXPECT_TRUE(raw.event_time_valid);
  EXPECT_FALSE(raw.has_user_data);
  EXPECT_FALSE(raw.has_custom_data);
  EXPECT_FALSE(raw.has_app_data);
  EXPECT_EQ(raw.serialized_bytes, 0U);
}

TEST_F(FromProtoTest, UnknownNumbersOfEnumsStayVisible) {
  message_.set_standard_event(static_cast<v1::StandardEvent>(99));
  message_.set_action_source(static_cast<v1::ActionSource>(98));
  message_.set_consent(static_cast<v1::Consent>(97));
  const event::RawEvent raw = Raw();
  EXPECT_EQ(raw.name_form, event::RawEvent::NameForm::kStandard);
  EXPECT_EQ(raw.standard_event, 99);
  EXPECT_EQ(raw.action_source, 98);
  EXPECT_EQ(raw.consent, 97);
}

TEST_F(FromProtoTest, TimesOutsideTheRangeOfTimestampAreMarked) {
  message_.mutable_event_time()->set_seconds(1'700'000'000);
  message_.mutable_event_time()->set_nanos(5);
  EXPECT_EQ(Raw().event_time, absl::FromUnixSeconds(1'700'000'000) + absl::Nanoseconds(5));
  message_.mutable_event_time()->set_nanos(1'000'000'000);
  EXPECT_FALSE(Raw().event_time_valid);
  message_.mutable_event_time()->set_nanos(0);
  message_.mutable_event_time()->set_seconds(253402300800);
  EXPECT_FALSE(Raw().event_time_valid);
  EXPECT_TRUE(Raw().event_time);
}

TEST_F(FromProtoTest, FormsOfIdentifiersAreKept) {
  message_.mutable_user_data()->add_email()->set_raw("r");
  message_.mutable_user_data()->add_email()->set_sha256("s");
  message_.mutable_user_data()->add_email();
  const event::RawEvent raw = Raw();
  ASSERT_EQ(raw.user_data.email.size(), 3U);
  EXPECT_EQ(raw.user_data.email[0].form, event::RawIdentifier::Form::kRaw);
  EXPECT_EQ(raw.user_data.email[1].form, event::RawIdentifier::Form::kSha256);
  EXPECT_EQ(raw.user_data.email[1].value, "s");
  EXPECT_EQ(raw.user_data.email[2].form, event::RawIdentifier::Form::kMissing);
}

TEST_F(FromProtoTest, CustomFieldsAreSortedAndExtraIsWritten) {
  v1::CustomData& data = *message_.mutable_custom_data();
  for (const char* const key : {"b", "c", "a"}) (*data.mutable_custom_fields())[key] = "v";
  (*data.mutable_extra()->mutable_fields())["nights"].set_number_value(3);
  const event::RawEvent raw = Raw();
  EXPECT_THAT(raw.custom_data.custom_fields,
              ElementsAre(Pair("a", "v"), Pair("b", "v"), Pair("c", "v")));
  EXPECT_EQ(raw.custom_data.extra_json, R"({"nights":3})");
  EXPECT_EQ(raw.serialized_bytes, message_.ByteSizeLong());
}

TEST(ToProtoTest, ViolationKeepsItsNumber) {
  v1::Violation message;
  ToProto({.field = "event_id", .reason = event::Reason::kIdReused, .description = "why"},
          &message);
  EXPECT_EQ(message.field(), "event_id");
  EXPECT_EQ(message.reason(), v1::REASON_ID_REUSED);
  EXPECT_EQ(message.description(), "why");
}

}  // namespace
}  // namespace snapledger::ingest
