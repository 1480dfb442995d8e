#include "services/event/phone.h"

#include <gtest/gtest.h>

namespace snapledger::event {
namespace {

std::string Digits(std::string_view text, std::string_view region = "") {
  const PhoneNumber phone = NormalizePhone(text, region);
  EXPECT_EQ(phone.problem, PhoneProblem::kNone) << text;
  return phone.digits;
}

PhoneProblem Problem(std::string_view text, std::string_view region = "") {
  return NormalizePhone(text, region).problem;
}

TEST(Phone, TakesAStatedCountryCodeInEverySpelling) {
  for (const char* text :
       {"+448444124653", "+44 844 412 4653", "+44 (844) 412-4653", "0044 844 412 4653",
        "+44 (0) 844 412 4653", "+44-0844-412-4653", "+44‑844‑412‑4653",
        "＋４４８４４４１２４６５３", "tel:+44-844-412-4653", "+44 844 412 4653 ext. 89",
        "+44 844 412 4653x89", "tel:+448444124653;ext=12", "+0044 844 412 4653"}) {
    EXPECT_EQ(Digits(text), "448444124653") << text;
  }
}

TEST(Phone, ReadsDigitsOfOtherScripts) { EXPECT_EQ(Digits("٠٠٩٦٦٥٥١٢٣٤٥٦٧"), "966551234567"); }

TEST(Phone, KeepsSnapsRuleWhereNoPlanKnowsTheNumber) {
  EXPECT_EQ(Digits("+91 2111111"), "912111111");
  EXPECT_EQ(Digits("00123456789"), "123456789");
  EXPECT_EQ(Digits("+44 0447 234 2344"), "444472342344");
  EXPECT_EQ(Digits("+1234567890"), "1234567890");
}

TEST(Phone, TakesAwayAPrefixBehindAnother) {
  EXPECT_EQ(Digits("+1 (0)1 525 964-1676"), "15259641676");
  EXPECT_EQ(Digits("+1 1 525 964-1676"), "15259641676");
  EXPECT_EQ(Digits("+52 02 1 223 697 4682"), "522236974682");
}

TEST(Phone, KeepsAZeroThatIsPartOfTheNumber) {
  EXPECT_EQ(Digits("+39 06 698 12345"), "390669812345");
}

TEST(Phone, CompletesNationalNumbersInTheDefaultRegion) {
  EXPECT_EQ(Digits("07123 456789", "GB"), "447123456789");
  EXPECT_EQ(Digits("(447)-234-2344", "US"), "14472342344");
  EXPECT_EQ(Digits("447911123456", "GB"), "447911123456");
  const PhoneNumber phone = NormalizePhone("07123 456789", "GB");
  EXPECT_FALSE(phone.country_code_stated);
  EXPECT_FALSE(phone.taken_as_international);
  EXPECT_EQ(phone.digits_as_given, "07123456789");
}

TEST(Phone, TakesAFullInternationalNumberWithoutPlus) {
  const PhoneNumber phone = NormalizePhone("821023456789", "");
  EXPECT_EQ(phone.digits, "821023456789");
  EXPECT_TRUE(phone.taken_as_international);
  EXPECT_FALSE(phone.country_code_stated);
}

TEST(Phone, AZeroBeforeABracketedAreaCodeIsNoTrunkZero) {
  EXPECT_EQ(Digits("01(706)-767-5127"), "17067675127");
  // A German mobile number, which without its zero would be somebody's in Missouri.
  EXPECT_EQ(Problem("0157 32345678"), PhoneProblem::kNoCountryCode);
}

TEST(Phone, RefusesWhatTellsNoCountry) {
  EXPECT_EQ(Problem("(447) 234-2344"), PhoneProblem::kNoCountryCode);
  EXPECT_EQ(Problem("07123 456789"), PhoneProblem::kNoCountryCode);
  EXPECT_EQ(Problem("07123 456789", "US"), PhoneProblem::kNoCountryCode);
  EXPECT_EQ(Problem("07123 456789", "no such region"), PhoneProblem::kNoCountryCode);
}

TEST(Phone, RefusesWhatIsNoNumber) {
  EXPECT_EQ(Problem("call me"), PhoneProblem::kMalformed);
  EXPECT_EQ(Problem("+1 800 FLOWERS"), PhoneProblem::kMalformed);
  EXPECT_EQ(Problem("+"), PhoneProblem::kMalformed);
  EXPECT_EQ(Problem("+1 202 555 0146 / +1 202 555 0147"), PhoneProblem::kMalformed);
  EXPECT_EQ(Problem("+12"), PhoneProblem::kMalformed);
  EXPECT_EQ(Problem("+1234567890123456"), PhoneProblem::kMalformed);
  EXPECT_EQ(Problem("person2@example.com"), PhoneProblem::kMalformed);
}

TEST(Phone, NothingButZerosIsNothing) {
  EXPECT_EQ(Problem("000"), PhoneProblem::kEmpty);
  EXPECT_EQ(Problem("+0"), PhoneProblem::kEmpty);
}

}  // namespace
}  // namespace snapledger::event
