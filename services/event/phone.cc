#include "services/event/phone.h"

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "services/event/calling_code.h"
#include "services/event/text.h"

namespace snapledger::event {
namespace {

using ::i18n::phonenumbers::PhoneNumberUtil;
using PlanNumber = ::i18n::phonenumbers::PhoneNumber;

constexpr size_t kDigitsMin = 5;   // shorter ones are service numbers, which identify nobody
constexpr size_t kDigitsMax = 15;  // ITU-T E.164
constexpr size_t kExtensionDigitsMax = 7;

// The digits of a written number and what its signs say about them.
struct WrittenNumber {
  bool well_formed = true;
  bool plus = false;
  size_t digits_before_bracket = 0;  // of the first opening bracket; 0: no bracket after a digit
  std::string digits;
};

const PhoneNumberUtil& Plans() { return *PhoneNumberUtil::GetInstance(); }

bool IsAsciiDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view WithoutLeadingZeros(std::string_view digits) {
  const size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? std::string_view() : digits.substr(first);
}

// "tel:+1-650-555-1212;ext=89" and "+1 650 555 1212 ext. 89" name the same line as without.
std::string_view WithoutExtension(std::string_view text) {
  if (EqualsIgnoringCase(text.substr(0, 4), "tel:")) text.remove_prefix(4);
  size_t end = text.size();
  while (end > 0 && IsAsciiDigit(text[end - 1])) --end;
  const size_t extension_digits = text.size() - end;
  if (extension_digits == 0 || extension_digits > kExtensionDigitsMax) return text;
  std::string_view rest = TrimWhitespace(text.substr(0, end));
  for (const std::string_view mark :
       {";ext=", "extension", "ext.", "ext:", "ext", "x.", "x", "#"}) {
    if (rest.size() < mark.size()) continue;
    const std::string_view before = rest.substr(0, rest.size() - mark.size());
    if (!EqualsIgnoringCase(rest.substr(before.size()), mark)) continue;
    rest = before;
    return TrimWhitespace(rest);
  }
  return text;
}

int32_t DigitOf(UChar32 c) {
  if (c < 0x80) return c >= '0' && c <= '9' ? c - '0' : -1;
  return u_charDigitValue(c);
}

void ReadSign(UChar32 c, WrittenNumber* written) {
  if (c == '+' || c == 0xFF0B) {
    if (written->plus || !written->digits.empty()) written->well_formed = false;
    written->plus = true;
  } else if ((c == '(' || c == 0xFF08) && written->digits_before_bracket == 0) {
    written->digits_before_bracket = written->digits.size();
  } else if (u_isalpha(c) != 0 || c == '@') {
    written->well_formed = false;
  }
}

WrittenNumber Read(std::string_view text) {
  WrittenNumber written;
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int64_t>(text.size());
  for (int64_t i = 0; i < size;) {
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    if (c < 0) {
      written.well_formed = false;
      break;
    }
    const int32_t digit = DigitOf(c);
    if (digit >= 0) {
      written.digits.push_back(static_cast<char>('0' + digit));
    } else {
      ReadSign(c, &written);
    }
  }
  return written;
}

std::string ToDigits(const PlanNumber& number) {
  std::string formatted;
  Plans().Format(number, PhoneNumberUtil::E164, &formatted);
  return formatted.empty() ? formatted : formatted.substr(1);
}

// The number if a numbering plan has it; empty otherwise.
std::string FindInPlan(const std::string& text, const std::string& region) {
  PlanNumber number;
  if (Plans().Parse(text, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return {};
  return Plans().IsValidNumber(number) ? ToDigits(number) : std::string();
}

std::string FindInternational(std::string_view digits) {
  std::string text = "+";
  text.append(digits);
  return FindInPlan(text, "ZZ");
}

// Snap's published rule, without a numbering plan.
std::string DropTrunkZeros(std::string_view digits) {
  const size_t code_length = CountryCodeLength(digits);
  std::string dropped(digits.substr(0, code_length));
  dropped.append(code_length == 0 ? digits : WithoutLeadingZeros(digits.substr(code_length)));
  return dropped;
}

// Whether the answer is the digits as they are, valid number or not: the plan changes nothing of a
// number that begins so, and there is no zero to drop. Spares most numbers the plans' regular
// expressions.
bool StaysAsItIs(std::string_view digits) {
  const size_t code_length = CountryCodeLength(digits);
  if (code_length == 0) return true;
  return code_length < digits.size() &&
         !MayChangeNationalNumber(digits.substr(0, code_length), digits[code_length]);
}

std::string NormalizeStated(std::string_view digits) {
  if (StaysAsItIs(digits)) return std::string(digits);
  std::string normalized = FindInternational(digits);
  if (normalized.empty()) normalized = DropTrunkZeros(digits);
  // What stood behind a prefix can begin with another one: "+1 (0) 1 212 ...".
  return normalized.size() < digits.size() ? NormalizeStated(normalized) : normalized;
}

// "01 (706) 767-5127": a country code written with a zero stands in front of the bracketed area
// code. A zero directly before the rest is a trunk zero instead and tells no country.
std::string_view CountryCodeBeforeBracket(const WrittenNumber& written) {
  if (written.digits_before_bracket == 0 || written.digits.front() != '0') return {};
  const std::string_view code = WithoutLeadingZeros(
      std::string_view(written.digits).substr(0, written.digits_before_bracket));
  const std::string_view digits = WithoutLeadingZeros(written.digits);
  return !code.empty() && CountryCodeLength(digits) == code.size() ? digits : std::string_view();
}

void NormalizeUnstated(const WrittenNumber& written, std::string_view default_region,
                       PhoneNumber* phone) {
  if (!default_region.empty()) {
    phone->digits = FindInPlan(written.digits, std::string(default_region));
    if (!phone->digits.empty()) return;
  }
  const std::string_view bracketed = CountryCodeBeforeBracket(written);
  phone->digits = FindInternational(bracketed.empty() ? written.digits : bracketed);
  phone->taken_as_international = !phone->digits.empty();
  if (phone->digits.empty()) phone->problem = PhoneProblem::kNoCountryCode;
}

}  // namespace

PhoneNumber NormalizePhone(std::string_view text, std::string_view default_region) {
  WrittenNumber written = Read(WithoutExtension(TrimWhitespace(text)));
  PhoneNumber phone;
  if (!written.well_formed || (written.digits.empty() && !text.empty())) {
    phone.problem = PhoneProblem::kMalformed;
    return phone;
  }
  phone.country_code_stated = written.plus || written.digits.starts_with("00");
  const std::string_view significant = WithoutLeadingZeros(written.digits);
  if (significant.empty()) {
    phone.problem = PhoneProblem::kEmpty;
    return phone;
  }
  if (phone.country_code_stated) {
    phone.digits = NormalizeStated(significant);
  } else {
    NormalizeUnstated(written, default_region, &phone);
  }
  const bool has_length = phone.digits.size() >= kDigitsMin && phone.digits.size() <= kDigitsMax;
  if (phone.problem == PhoneProblem::kNone && !has_length) {
    phone.problem = PhoneProblem::kMalformed;
  }
  phone.digits_as_given = std::move(written.digits);
  return phone;
}

}  // namespace snapledger::event
