// Identifiers, the masks and the identity rule, seen through Prepare.

#include <gtest/gtest.h>

#include "services/event/sha256.h"
#include "tests/services/event/example_event.h"
#include "tests/services/event/finding_matchers.h"

namespace snapledger::event {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kEmptyHash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kPersonHash =
    "542d240129883c019e106e3b1b2d3f3cb3537c43c425364de8e951d5a3083345";

PreparedEvent WithUser(const RawUserData& user, const PreparePolicy& policy = PixelPolicy()) {
  RawEvent raw = ExamplePurchase();
  raw.user_data = user;
  return Prepare(raw, policy);
}

RawUserData Nobody() { return {}; }

RawUserData Person() {
  RawUserData user;
  user.email = {RawValue("person@example.com")};
  return user;
}

TEST(PrepareUserData, AnyOfFourIdentifiersIsEnough) {
  RawUserData user = Nobody();
  EXPECT_THAT(WithUser(user).violations,
              ElementsAre(Finding("user_data", Reason::kNotEnoughIdentity)));
  EXPECT_THAT(WithUser(Person()).violations, IsEmpty());
  user.phone = {RawValue("+12025550146")};
  EXPECT_THAT(WithUser(user).violations, IsEmpty());
  user = Nobody();
  user.client_ip_address = "203.0.113.7";
  EXPECT_THAT(WithUser(user).violations,
              ElementsAre(Finding("user_data", Reason::kNotEnoughIdentity)));
  user.client_user_agent = "UA";
  EXPECT_THAT(WithUser(user).violations, IsEmpty());
  user = Nobody();
  user.mobile_ad_id = "87a7def4-b6e9-4bf7-91b6-66372842007a";
  EXPECT_THAT(WithUser(user).violations, IsEmpty());
}

TEST(PrepareUserData, OtherIdentifiersAreNot) {
  RawUserData user = Nobody();
  user.external_id = {RawValue("u1")};
  user.click_id = "abc";
  user.cookie1 = "abc";
  user.idfv = "abc";
  user.first_name = {RawValue("John")};
  EXPECT_THAT(WithUser(user).violations,
              ElementsAre(Finding("user_data", Reason::kNotEnoughIdentity)));
}

TEST(PrepareUserData, RawAndHashedGiveOneDigest) {
  RawUserData user = Person();
  user.email.push_back(
      HashedValue(" 542D240129883C019E106E3B1B2D3F3CB3537C43C425364DE8E951D5A3083345 "));
  const PreparedEvent prepared = WithUser(user);
  EXPECT_THAT(prepared.event.user_data.email, ElementsAre(Sha256("person@example.com")));
}

TEST(PrepareUserData, NeverHashesTwice) {
  RawUserData user = Person();
  user.first_name = {RawValue(kPersonHash)};
  user.external_id = {RawValue(kPersonHash)};
  EXPECT_THAT(WithUser(user).violations,
              UnorderedElementsAre(Finding("user_data.first_name[0]", Reason::kLooksHashed),
                                   Finding("user_data.external_id[0]", Reason::kLooksHashed)));
}

TEST(PrepareUserData, RefusesAHashThatIsNone) {
  RawUserData user = Person();
  user.email.push_back(HashedValue("b060a9f444d291db31d48729e002d6fce4a6b6a1"));
  user.phone = {HashedValue("+448444124653")};
  EXPECT_THAT(WithUser(user).violations,
              UnorderedElementsAre(Finding("user_data.email[1]", Reason::kNotSha256),
                                   Finding("user_data.phone[0]", Reason::kNotSha256)));
}

TEST(PrepareUserData, DropsPlaceholdersWithAWarning) {
  RawUserData user = Person();
  user.email.push_back(RawValue("null"));
  user.email.push_back(HashedValue(kEmptyHash));
  user.email.push_back({});
  user.phone = {RawValue("000")};
  user.city = {RawValue(" ")};
  user.last_name = {RawValue("--")};
  user.mobile_ad_id = "00000000-0000-0000-0000-000000000000";
  user.click_id = "undefined";
  const PreparedEvent prepared = WithUser(user);
  EXPECT_EQ(prepared.disposition, Disposition::kSend);
  EXPECT_THAT(prepared.warnings,
              UnorderedElementsAre(Finding("user_data.email[1]", Reason::kPlaceholder),
                                   Finding("user_data.email[2]", Reason::kPlaceholder),
                                   Finding("user_data.email[3]", Reason::kPlaceholder),
                                   Finding("user_data.phone[0]", Reason::kPlaceholder),
                                   Finding("user_data.city[0]", Reason::kPlaceholder),
                                   Finding("user_data.last_name[0]", Reason::kPlaceholder),
                                   Finding("user_data.mobile_ad_id", Reason::kPlaceholder),
                                   Finding("user_data.click_id", Reason::kPlaceholder)));
  const UserData& kept = prepared.event.user_data;
  EXPECT_EQ(kept.email.size(), 1U);
  EXPECT_TRUE(kept.phone.empty() && kept.city.empty() && kept.last_name.empty());
  EXPECT_TRUE(kept.mobile_ad_id.empty() && kept.click_id.empty());
}

TEST(PrepareUserData, NothingButPlaceholdersIsNobody) {
  RawUserData user = Nobody();
  user.email = {HashedValue(kEmptyHash)};
  user.phone = {RawValue("  ")};
  EXPECT_THAT(WithUser(user).violations,
              ElementsAre(Finding("user_data", Reason::kNotEnoughIdentity)));
}

TEST(PrepareUserData, TellsSuppliedFromUsable) {
  RawUserData user = Person();
  user.phone = {RawValue("null")};
  user.client_ip_address = "203.0.113.7";
  const PreparedEvent alone = WithUser(user);
  EXPECT_EQ(alone.event.supplied, MaskOf(IdentifierKind::kEmail) | MaskOf(IdentifierKind::kPhone));
  EXPECT_EQ(alone.event.usable, MaskOf(IdentifierKind::kEmail));
  user.client_user_agent = "UA";
  const PreparedEvent both = WithUser(user);
  EXPECT_EQ(both.event.usable,
            MaskOf(IdentifierKind::kEmail) | MaskOf(IdentifierKind::kIpAndUserAgent));
}

TEST(PrepareUserData, EveryIdentifierHasItsBit) {
  RawUserData user = Person();
  user.phone = {RawValue("+12025550146")};
  user.first_name = user.last_name = user.city = user.state = user.zip = {RawValue("x1")};
  user.gender = {RawValue("f")};
  user.country = {RawValue("us")};
  user.external_id = {RawValue("x1")};
  user.client_ip_address = "2001:db8::1";
  user.client_user_agent = user.click_id = user.cookie1 = user.mobile_ad_id = user.idfv = "x1";
  const PreparedEvent prepared = WithUser(user);
  EXPECT_EQ(prepared.event.supplied, 0x7FFF);
  EXPECT_EQ(prepared.event.usable, 0x7FFF);
}

TEST(PrepareUserData, PhonesFollowTheRegion) {
  RawUserData user = Person();
  user.phone = {RawValue("(447)-234-2344")};
  EXPECT_THAT(WithUser(user).violations,
              ElementsAre(Finding("user_data.phone[0]", Reason::kNoCountryCode)));
  PreparePolicy policy = PixelPolicy();
  policy.default_phone_region = "US";
  const PreparedEvent prepared = WithUser(user, policy);
  EXPECT_THAT(prepared.event.user_data.phone, ElementsAre(Sha256("14472342344")));
  EXPECT_THAT(prepared.warnings, IsEmpty());
}

TEST(PrepareUserData, WarnsOfANumberTakenAsInternational) {
  RawUserData user = Person();
  user.phone = {RawValue("448444124653")};
  const PreparedEvent prepared = WithUser(user);
  EXPECT_THAT(prepared.event.user_data.phone, ElementsAre(Sha256("448444124653")));
  EXPECT_THAT(prepared.warnings,
              ElementsAre(Finding("user_data.phone[0]", Reason::kNoCountryCode)));
}

TEST(PrepareUserData, LeavesOutWhatSnapCannotMatch) {
  RawUserData user = Person();
  user.gender = {RawValue("non-binary")};
  user.country = {RawValue("Neverland")};
  const PreparedEvent prepared = WithUser(user);
  EXPECT_EQ(prepared.disposition, Disposition::kSend);
  EXPECT_THAT(prepared.warnings,
              UnorderedElementsAre(Finding("user_data.gender[0]", Reason::kUnknownValue),
                                   Finding("user_data.country[0]", Reason::kUnknownValue)));
}

TEST(PrepareUserData, SaysOfEachFieldWhatSnapCanMatch) {
  RawUserData user = Person();
  user.country = {RawValue("Neverland")};
  EXPECT_THAT(WithUser(user).warnings,
              ElementsAre(Field(&Violation::description,
                                AllOf(HasSubstr("ISO 3166"), Not(HasSubstr("f or m"))))));
  user.country = {};
  user.gender = {RawValue("non-binary")};
  EXPECT_THAT(WithUser(user).warnings,
              ElementsAre(Field(&Violation::description,
                                AllOf(HasSubstr("f or m"), Not(HasSubstr("ISO 3166"))))));
}

TEST(PrepareUserData, CutsAZipByItsCountryHashedOrNot) {
  RawUserData user = Person();
  user.zip = {RawValue("12345-6789")};
  EXPECT_THAT(WithUser(user).event.user_data.zip, ElementsAre(Sha256("12345")));
  user.country = {RawValue("Saudi Arabia")};
  EXPECT_THAT(WithUser(user).event.user_data.zip, ElementsAre(Sha256("123456789")));
  user.country = {HashedValue("79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621")};
  EXPECT_THAT(WithUser(user).event.user_data.zip, ElementsAre(Sha256("12345")));
}

TEST(PrepareUserData, ReadsAddresses) {
  RawUserData user = Person();
  user.client_ip_address = " 203.0.113.7, 10.0.0.1";
  EXPECT_EQ(WithUser(user).event.user_data.client_ip_address, "203.0.113.7");
  user.client_ip_address = "2001:DB8::1";
  EXPECT_EQ(WithUser(user).event.user_data.client_ip_address, "2001:db8::1");
  for (const std::string_view wrong :
       {"localhost", "1.2.3", "1.2.3.4:80", "256.1.1.1", ",1.2.3.4"}) {
    user.client_ip_address = wrong;
    EXPECT_THAT(WithUser(user).violations,
                ElementsAre(Finding("user_data.client_ip_address", Reason::kMalformed)));
  }
  user.client_ip_address = kPersonHash;
  EXPECT_THAT(WithUser(user).violations,
              ElementsAre(Finding("user_data.client_ip_address", Reason::kLooksHashed)));
}

TEST(PrepareUserData, AdIdsGoInPlain) {
  RawUserData user = Person();
  user.mobile_ad_id = " 87A7DEF4-B6E9-4BF7-91B6-66372842007A ";
  user.idfv = "3F034872-5E28";
  const PreparedEvent prepared = WithUser(user);
  EXPECT_EQ(prepared.event.user_data.mobile_ad_id, "87a7def4-b6e9-4bf7-91b6-66372842007a");
  EXPECT_EQ(prepared.event.user_data.idfv, "3F034872-5E28");
  user.mobile_ad_id = kPersonHash;
  EXPECT_THAT(WithUser(user).violations,
              ElementsAre(Finding("user_data.mobile_ad_id", Reason::kLooksHashed)));
}

TEST(PrepareUserData, WarnsOfAHashedIdfv) {
  RawUserData user = Person();
  user.idfv = kPersonHash;
  EXPECT_THAT(WithUser(user).warnings,
              ElementsAre(Finding("user_data.idfv", Reason::kLooksHashed)));
}

TEST(PrepareUserData, LimitsValuesAndTheirNumber) {
  RawUserData user = Person();
  const std::string value(513, 'x');
  user.first_name = {RawValue(value)};
  user.email.resize(101, RawValue("person@example.com"));
  EXPECT_THAT(WithUser(user).violations,
              UnorderedElementsAre(Finding("user_data.first_name[0]", Reason::kTooLong),
                                   Finding("user_data.email", Reason::kTooLong),
                                   Finding("user_data", Reason::kNotEnoughIdentity)));
}

TEST(PrepareUserData, RefusesBytesThatAreNoText) {
  RawUserData user = Person();
  user.first_name = {RawValue("\xFF")};
  user.click_id = "a\tb";
  user.city = {RawValue(std::string_view("a\0b", 3))};
  EXPECT_THAT(WithUser(user).violations,
              UnorderedElementsAre(Finding("user_data.first_name[0]", Reason::kMalformed),
                                   Finding("user_data.click_id", Reason::kMalformed),
                                   Finding("user_data.city[0]", Reason::kMalformed)));
}

TEST(PrepareUserData, WarnsOfAnAdIdAloneOffTheApp) {
  RawUserData user = Nobody();
  user.mobile_ad_id = "87a7def4-b6e9-4bf7-91b6-66372842007a";
  EXPECT_THAT(WithUser(user).warnings, Contains(Finding("user_data", Reason::kIncomplete)));
}

}  // namespace
}  // namespace snapledger::event
