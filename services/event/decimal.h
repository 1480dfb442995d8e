#pragma once

#include <string>
#include <string_view>

namespace snapledger::event {

enum class DecimalProblem { kNone, kMalformed, kNegative, kTooLong };

// Turns a plain decimal number into the text of a JSON number with the same digits: surrounding
// white space, a plus sign and needless leading zeros go, ".5" becomes "0.5" and "1." becomes "1".
// Exponents, thousands separators, decimal commas and signs of currency are malformed: what they
// mean would be a guess. Replaces *number.
DecimalProblem NormalizeDecimal(std::string_view text, std::string* number);

// The normalised number without trailing zeros of its fraction: 12.50 and 12.5 are one amount.
std::string_view WithoutTrailingZeros(std::string_view number);

}  // namespace snapledger::event
