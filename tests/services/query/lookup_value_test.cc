#include "services/query/lookup_value.h"

#include <gtest/gtest.h>

#include "services/event/sha256.h"
#include "tests/support/status_matchers.h"

namespace snapledger::query {
namespace {

using support::StatusIs;

constexpr char kPhoneDigits[] = "4915112345678";

class LookupValueTest : public ::testing::Test {
 protected:
  absl::StatusOr<LookupValue> ReadRaw(v1::IdentifierKind kind, const std::string& raw) const {
    v1::Identifier identifier;
    identifier.set_raw(raw);
    return ReadIdentifier(kind, identifier, {.default_phone_region = "DE"}, blind_index_);
  }

  absl::StatusOr<LookupValue> ReadHashed(v1::IdentifierKind kind, const std::string& hex) const {
    v1::Identifier identifier;
    identifier.set_sha256(hex);
    return ReadIdentifier(kind, identifier, {}, blind_index_);
  }

  static std::string Hex(std::string_view text) {
    std::string hex;
    event::AppendSha256Hex(event::Sha256(text), &hex);
    return hex;
  }

  static bool HoldsIn(const std::string& json, const LookupValue& value) {
    rapidjson::Document document;
    return Holds(document.Parse(json.c_str()), value);
  }

  const base::Secret key_{std::string(32, 'k')};
  const security::BlindIndex blind_index_{key_};
};

// Whatever intake makes of an event is what it is found by.
TEST_F(LookupValueTest, ValuesGetTheKeysOfIntake) {
  event::ConversionEvent event;
  event.user_data.email = {event::Sha256("a.person@example.com")};
  event.user_data.phone = {event::Sha256(kPhoneDigits)};
  event.user_data.mobile_ad_id = "abcd-1";
  event.custom_data.order_id = "77";
  std::vector<int64_t> keys;
  blind_index_.AppendKeys(event, &keys);
  ASSERT_OK_AND_ASSIGN(const LookupValue order, ReadOrderId(" 77 ", blind_index_));
  ASSERT_OK_AND_ASSIGN(const LookupValue email,
                       ReadRaw(v1::IDENTIFIER_KIND_EMAIL, " A.Person@Example.com"));
  ASSERT_OK_AND_ASSIGN(const LookupValue phone,
                       ReadRaw(v1::IDENTIFIER_KIND_PHONE, "01511 2345678"));
  ASSERT_OK_AND_ASSIGN(const LookupValue ad_id,
                       ReadRaw(v1::IDENTIFIER_KIND_MOBILE_AD_ID, "ABCD-1"));
  EXPECT_EQ((std::vector<int64_t>{order.key, email.key, phone.key, ad_id.key}), keys);
}

TEST_F(LookupValueTest, AHashAndItsValueAreTheSame) {
  ASSERT_OK_AND_ASSIGN(const LookupValue raw, ReadRaw(v1::IDENTIFIER_KIND_EXTERNAL_ID, "c-1"));
  ASSERT_OK_AND_ASSIGN(const LookupValue hashed,
                       ReadHashed(v1::IDENTIFIER_KIND_EXTERNAL_ID, Hex("c-1")));
  EXPECT_EQ(raw.key, hashed.key);
  EXPECT_EQ(raw.text, hashed.text);
}

TEST_F(LookupValueTest, TheEventItselfDecides) {
  ASSERT_OK_AND_ASSIGN(const LookupValue email, ReadRaw(v1::IDENTIFIER_KIND_EMAIL, "a@b.example"));
  EXPECT_TRUE(HoldsIn(
      R"({"user_data":{"em":[")" + Hex("x") + R"(",")" + Hex("a@b.example") + R"("]}})", email));
  EXPECT_FALSE(HoldsIn(R"({"user_data":{"em":[")" + Hex("x") + R"("]}})", email));
  EXPECT_FALSE(HoldsIn(R"({"user_data":{"ph":[")" + Hex("a@b.example") + R"("]}})", email));
  EXPECT_FALSE(HoldsIn("[]", email));
  ASSERT_OK_AND_ASSIGN(const LookupValue click, ReadRaw(v1::IDENTIFIER_KIND_CLICK_ID, "Click"));
  EXPECT_TRUE(HoldsIn(R"({"user_data":{"sc_click_id":"Click"}})", click));
  EXPECT_FALSE(HoldsIn(R"({"user_data":{"sc_click_id":"click"}})", click));
  ASSERT_OK_AND_ASSIGN(const LookupValue order, ReadOrderId("77", blind_index_));
  EXPECT_TRUE(HoldsIn(R"({"custom_data":{"order_id":"77"}})", order));
  EXPECT_FALSE(HoldsIn(R"({"custom_data":{"order_id":"777"}})", order));
}

TEST_F(LookupValueTest, WhatNoEventIsStoredWithIsRefusedWithoutItsValue) {
  const std::vector<absl::Status> refused = {
      ReadRaw(v1::IDENTIFIER_KIND_EMAIL, "no-mail-secret").status(),
      ReadRaw(v1::IDENTIFIER_KIND_EMAIL, "null").status(),
      ReadRaw(v1::IDENTIFIER_KIND_EMAIL, "").status(),
      ReadRaw(v1::IDENTIFIER_KIND_EMAIL, Hex("secret")).status(),
      ReadRaw(v1::IDENTIFIER_KIND_IP_AND_USER_AGENT, "secret").status(),
      ReadRaw(v1::IDENTIFIER_KIND_ZIP, "secret").status(),
      ReadHashed(v1::IDENTIFIER_KIND_EMAIL, "secret").status(),
      ReadHashed(v1::IDENTIFIER_KIND_CLICK_ID, Hex("secret")).status(),
      ReadOrderId("null", blind_index_).status()};
  for (const absl::Status& status : refused) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(std::string(status.message()).find("secret"), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace snapledger::query
