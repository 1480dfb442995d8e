#include "services/event/calling_code.h"

#include <gtest/gtest.h>
#include <phonenumbers/phonemetadata.pb.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>
#include <unicode/regex.h>

#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "services/event/phone.h"

namespace i18n::phonenumbers {

// The library's own data, which no header of it declares.
int metadata_size();
const void* metadata_get();

}  // namespace i18n::phonenumbers

namespace snapledger::event {
namespace {

using ::i18n::phonenumbers::PhoneMetadata;
using ::i18n::phonenumbers::PhoneMetadataCollection;
using ::i18n::phonenumbers::PhoneNumberUtil;
using PlanNumber = ::i18n::phonenumbers::PhoneNumber;

const PhoneNumberUtil& Plans() { return *PhoneNumberUtil::GetInstance(); }

// Of each country code the metadata by which a number after that code is parsed.
std::vector<PhoneMetadata> PlansOfCodes() {
  PhoneMetadataCollection all;
  EXPECT_TRUE(all.ParseFromArray(::i18n::phonenumbers::metadata_get(),
                                 ::i18n::phonenumbers::metadata_size()));
  std::vector<PhoneMetadata> plans;
  for (const PhoneMetadata& plan : all.metadata()) {
    std::string main_region;
    Plans().GetRegionCodeForCountryCode(plan.country_code(), &main_region);
    if (plan.id() == main_region) plans.push_back(plan);
  }
  return plans;
}

// Whether no text that begins with `first` has a prefix to be taken away: the expression fails or
// takes nothing, and would not read on.
bool NeverTakes(const icu::RegexPattern& prefix, char first) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString text(static_cast<UChar>(first));
  const std::unique_ptr<icu::RegexMatcher> matcher(prefix.matcher(text, status));
  const bool takes = matcher->lookingAt(status) != 0 && matcher->end(status) > 0;
  return !takes && matcher->hitEnd() == 0;
}

std::string E164WithoutPlus(const PlanNumber& number) {
  std::string formatted;
  Plans().Format(number, PhoneNumberUtil::E164, &formatted);
  return formatted.empty() ? formatted : formatted.substr(1);
}

// What the numbering plans alone make of "+" and these digits, by Snap's rule where none knows it.
std::string ByPlans(const std::string& digits) {
  PlanNumber number;
  std::string normalized;
  if (Plans().Parse("+" + digits, "ZZ", &number) == PhoneNumberUtil::NO_PARSING_ERROR &&
      Plans().IsValidNumber(number)) {
    normalized = E164WithoutPlus(number);
  } else {
    const size_t code_length = CountryCodeLength(digits);
    size_t national = code_length;
    while (code_length > 0 && national < digits.size() && digits[national] == '0') ++national;
    normalized = digits.substr(0, code_length) + digits.substr(national);
  }
  return normalized.size() < digits.size() ? ByPlans(normalized) : normalized;
}

// Numbers of every plan and of none, true ones and damaged ones.
class Numbers {
 public:
  std::string Digits(size_t count) {
    std::string digits;
    while (digits.size() < count) digits.push_back(Digit());
    return digits;
  }

  std::string Damaged(std::string digits, size_t code_length) {
    const size_t at = code_length + Below(digits.size() - code_length);
    switch (Below(7)) {
      case 0:
        return digits;
      case 1:
        return digits.insert(code_length, 1, Digit());
      case 2:
        return digits.insert(code_length, "0");
      case 3:
        return digits.insert(code_length, Digits(2 + Below(3)));
      case 4:
        return digits.erase(at, 1);
      case 5:
        digits[at] = Digit();
        return digits;
      default:
        return digits + Digit();
    }
  }

  size_t Below(size_t count) { return random_() % count; }

 private:
  char Digit() { return static_cast<char>('0' + Below(10)); }

  std::mt19937_64 random_{20261123};
};

void ExpectAsByPlans(const std::string& digits) {
  const size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos) return;
  const std::string significant = digits.substr(first);
  const std::string expected = ByPlans(significant);
  const PhoneNumber phone = NormalizePhone("+" + digits, "");
  if (expected.size() < 5 || expected.size() > 15) {
    EXPECT_EQ(phone.problem, PhoneProblem::kMalformed) << digits;
  } else {
    EXPECT_EQ(phone.problem, PhoneProblem::kNone) << digits;
    EXPECT_EQ(phone.digits, expected) << digits;
  }
}

TEST(CallingCode, KnowsTheCodesInUse) {
  EXPECT_EQ(CountryCodeLength("12025550146"), 1U);
  EXPECT_EQ(CountryCodeLength("4915123"), 2U);
  EXPECT_EQ(CountryCodeLength("376123456"), 3U);
  EXPECT_EQ(CountryCodeLength("999"), 0U);
  EXPECT_EQ(CountryCodeLength(""), 0U);
}

TEST(CallingCode, NoPlanChangesANumberThatIsSaidToStay) {
  size_t plans = 0;
  for (const PhoneMetadata& plan : PlansOfCodes()) {
    if (!plan.has_national_prefix_for_parsing()) continue;
    ++plans;
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::RegexPattern> prefix(icu::RegexPattern::compile(
        icu::UnicodeString::fromUTF8(plan.national_prefix_for_parsing()), 0, status));
    ASSERT_TRUE(U_SUCCESS(status)) << plan.id();
    for (char first = '0'; first <= '9'; ++first) {
      if (MayChangeNationalNumber(std::to_string(plan.country_code()), first)) continue;
      EXPECT_TRUE(NeverTakes(*prefix, first)) << plan.country_code() << ' ' << first;
    }
  }
  EXPECT_GT(plans, 100U);
}

TEST(CallingCode, NumbersOfEveryPlanComeOutAsByThePlansAlone) {
  constexpr int kOfEachType = 120;
  Numbers numbers;
  std::set<std::string> regions;
  Plans().GetSupportedRegions(&regions);
  ASSERT_GT(regions.size(), 200U);
  for (const std::string& region : regions) {
    for (int type = 0; type <= PhoneNumberUtil::VOICEMAIL; ++type) {
      PlanNumber example;
      if (!Plans().GetExampleNumberForType(
              region, static_cast<PhoneNumberUtil::PhoneNumberType>(type), &example)) {
        continue;
      }
      const std::string digits = E164WithoutPlus(example);
      const size_t code_length = CountryCodeLength(digits);
      ASSERT_GT(code_length, 0U) << region;
      for (int i = 0; i < kOfEachType; ++i) {
        ExpectAsByPlans(numbers.Damaged(numbers.Damaged(digits, code_length), code_length));
      }
    }
  }
}

TEST(CallingCode, AnyDigitsComeOutAsByThePlansAlone) {
  constexpr int kOfEachCode = 60;
  Numbers numbers;
  for (int code = 1; code < 1000; ++code) {
    for (int i = 0; i < kOfEachCode; ++i) {
      ExpectAsByPlans(std::to_string(code) + numbers.Digits(numbers.Below(14)));
    }
  }
}

}  // namespace
}  // namespace snapledger::event
