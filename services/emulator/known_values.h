#pragma once

#include <string_view>

namespace snapledger::emulator {

// One of the 31 event names of Snap's Parameters page, in upper case.
bool IsStandardEventName(std::string_view name);

// One of the 60 currency codes Snap documents, in upper case.
bool IsListedCurrency(std::string_view code);

}  // namespace snapledger::emulator
