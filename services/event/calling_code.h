#pragma once

#include <cstddef>
#include <string_view>

namespace snapledger::event {

// Country calling codes (ITU-T E.164) and what the numbering plans behind them do to a number.
// Thread-safe.

// How many leading digits are a country code in use; 0: none.
size_t CountryCodeLength(std::string_view digits);

// Whether the plan of `code`, a country code in use, may take digits away from the front of a
// national number that begins with `first`, or put others in their place, when it is written after
// its country code. False: no number that begins so is ever changed.
bool MayChangeNationalNumber(std::string_view code, char first);

}  // namespace snapledger::event
