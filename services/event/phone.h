#pragma once

#include <string>
#include <string_view>

namespace snapledger::event {

enum class PhoneProblem {
  kNone,
  kEmpty,          // no digit but zeros
  kMalformed,      // letters, two numbers in one field, or a length no number has
  kNoCountryCode,  // which country's number it is cannot be told
};

struct PhoneNumber {
  PhoneProblem problem = PhoneProblem::kNone;
  // The number stated its country code, with + or 00. Else the code is the default region's, or
  // `taken_as_international`.
  bool country_code_stated = false;
  bool taken_as_international = false;
  std::string digits;           // country code and national number, digits only
  std::string digits_as_given;  // the digits of the input in their order; settings play no part
};

// Normalises a phone number as Snap asks: country code, then the national number without its trunk
// zero, digits only. A number no numbering plan knows keeps that rule, if its country code is
// stated. `default_region` is ISO 3166 alpha-2 in upper case, or empty.
PhoneNumber NormalizePhone(std::string_view text, std::string_view default_region);

}  // namespace snapledger::event
