#pragma once

#include <string_view>

namespace snapledger::event {

// Whether three upper-case letters are the code of a currency people pay with: ISO 4217's current
// codes, without those for metals, tests and "no currency", and what Snap documents besides.
bool IsCurrency(std::string_view code);

// Whether Snap documents the code (60 of them).
bool IsSnapCurrency(std::string_view code);

}  // namespace snapledger::event
