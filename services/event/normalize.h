#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace snapledger::event {

// How one raw value that Snap wants hashed is brought into the form whose hash Snap compares.
// Every function takes valid UTF-8 without white space around it, replaces *normalized, and leaves
// a value that is already normal as it is. Phone numbers: phone.h.

enum class NormalizeResult : uint8_t {
  kOk,
  kEmpty,      // nothing is left: as good as no value
  kMalformed,  // not such a value at all
  kUnknown,    // a word without a form Snap knows: left out
};

// Lower case, normal form C; an international domain stays in its own letters.
NormalizeResult NormalizeEmail(std::string_view text, std::string* normalized);

// First and last names and cities: lower-case letters, marks and digits, nothing else.
NormalizeResult NormalizeName(std::string_view text, std::string* normalized);

// "f" or "m".
NormalizeResult NormalizeGender(std::string_view text, std::string* normalized);

// Two-letter code for a state of the United States given by name; other names as NormalizeName.
NormalizeResult NormalizeState(std::string_view text, std::string* normalized);

// What the event's country field says, which decides how a postal code is cut.
enum class PostalCountry : uint8_t { kNotGiven, kUnitedStates, kOther };

// Lower-case letters and digits; a ZIP+4 code of the United States becomes its five digits.
NormalizeResult NormalizeZip(std::string_view text, PostalCountry country, std::string* normalized);

// ISO 3166-1 alpha-2, lower case, from a code or a name.
NormalizeResult NormalizeCountry(std::string_view text, std::string* normalized);

// As it is: Snap publishes no rule, and case may tell people apart.
NormalizeResult NormalizeExternalId(std::string_view text, std::string* normalized);

}  // namespace snapledger::event
