#include "services/matchrate/event_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/event/sha256.h"
#include "services/snap/encode.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string JsonOf(const event::ConversionEvent& event) {
  std::string json;
  snap::AppendSnapEvent(event, {}, &json);
  return json;
}

std::vector<std::pair<IdentifierKind, std::string>> ValuesOf(const event::ConversionEvent& event) {
  std::vector<std::pair<IdentifierKind, std::string>> values;
  const std::optional<EventValues> read = ReadEventValues(JsonOf(event));
  EXPECT_TRUE(read.has_value());
  for (const IdentifierValue& value : read->values) values.emplace_back(value.kind, value.text);
  return values;
}

std::string HexOf(std::string_view text) {
  std::string hex;
  event::AppendSha256Hex(event::Sha256(text), &hex);
  return hex;
}

TEST(EventValuesTest, EveryKindIsFoundWhereTheEncoderPutsIt) {
  event::ConversionEvent event;
  event::UserData& user = event.user_data;
  user.email = {event::Sha256("a@x"), event::Sha256("b@x")};
  user.phone = {event::Sha256("1")};
  user.mobile_ad_id = "ad";
  user.client_ip_address = "203.0.113.7";
  user.client_user_agent = "Mozilla \"5\"";
  user.click_id = "click";
  user.cookie1 = "cookie";
  user.external_id = {event::Sha256("x")};
  user.first_name = {event::Sha256("ann")};
  user.last_name = {event::Sha256("lee")};
  user.gender = {event::Sha256("f")};
  user.city = {event::Sha256("rome")};
  user.state = {event::Sha256("rm")};
  user.zip = {event::Sha256("00100")};
  user.country = {event::Sha256("it")};
  user.idfv = "vendor";
  EXPECT_THAT(
      ValuesOf(event),
      ElementsAre(
          Pair(IdentifierKind::kEmail, HexOf("a@x")), Pair(IdentifierKind::kEmail, HexOf("b@x")),
          Pair(IdentifierKind::kPhone, HexOf("1")), Pair(IdentifierKind::kMobileAdId, "ad"),
          Pair(IdentifierKind::kIpAndUserAgent, "203.0.113.7\nMozilla \"5\""),
          Pair(IdentifierKind::kClickId, "click"), Pair(IdentifierKind::kCookie1, "cookie"),
          Pair(IdentifierKind::kExternalId, HexOf("x")),
          Pair(IdentifierKind::kFirstName, HexOf("ann")),
          Pair(IdentifierKind::kLastName, HexOf("lee")), Pair(IdentifierKind::kGender, HexOf("f")),
          Pair(IdentifierKind::kCity, HexOf("rome")), Pair(IdentifierKind::kState, HexOf("rm")),
          Pair(IdentifierKind::kZip, HexOf("00100")), Pair(IdentifierKind::kCountry, HexOf("it")),
          Pair(IdentifierKind::kIdfv, "vendor")));
}

TEST(EventValuesTest, AnAddressAloneIsNoValue) {
  event::ConversionEvent event;
  event.user_data.client_ip_address = "203.0.113.7";
  event.custom_data.order_id = "77";
  EXPECT_THAT(ValuesOf(event), IsEmpty());
  EXPECT_EQ(ReadEventValues(JsonOf(event))->order_id, "77");
}

TEST(EventValuesTest, WhatIsNoEventHasNone) {
  EXPECT_EQ(ReadEventValues("[1"), std::nullopt);
  EXPECT_EQ(ReadEventValues("[1]"), std::nullopt);
}

}  // namespace
}  // namespace snapledger::matchrate
