#include "services/event/calling_code.h"

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <string>
#include <utility>

namespace snapledger::event {
namespace {

constexpr int kCodes = 1000;
constexpr size_t kCodeDigitsMax = 3;
using CodeSet = std::bitset<kCodes>;

// The plans whose prefixes before a national number begin with other digits than 0. From
// libphonenumber's metadata, which the tests compare with this; it offers them to nobody else.
constexpr std::array<std::pair<std::string_view, std::string_view>, 19> kPrefixDigits = {{
    {"1", "1"},      {"7", "8"},   {"52", "1"},        {"54", "123"}, {"55", "9"},
    {"61", "1"},     {"86", "1"},  {"261", "2456789"}, {"298", "1"},  {"352", "1"},
    {"370", "8"},    {"375", "8"}, {"378", "89"},      {"423", "1"},  {"506", "1"},
    {"672", "1258"}, {"692", "1"}, {"993", "8"},       {"998", "8"},
}};

CodeSet CodesInUse() {
  const auto& plans = *::i18n::phonenumbers::PhoneNumberUtil::GetInstance();
  CodeSet codes;
  for (int code = 1; code < kCodes; ++code) {
    std::string region;
    plans.GetRegionCodeForCountryCode(code, &region);
    codes.set(static_cast<size_t>(code), region != "ZZ");
  }
  return codes;
}

}  // namespace

size_t CountryCodeLength(std::string_view digits) {
  static const auto* const in_use = new CodeSet(CodesInUse());
  size_t code = 0;
  for (size_t length = 1; length <= std::min(kCodeDigitsMax, digits.size()); ++length) {
    code = code * 10 + static_cast<size_t>(digits[length - 1] - '0');
    if (in_use->test(code)) return length;
  }
  return 0;
}

bool MayChangeNationalNumber(std::string_view code, char first) {
  if (first == '0') return true;
  const auto* const plan = std::find_if(kPrefixDigits.begin(), kPrefixDigits.end(),
                                        [code](const auto& entry) { return entry.first == code; });
  return plan != kPrefixDigits.end() && plan->second.find(first) != std::string_view::npos;
}

}  // namespace snapledger::event
