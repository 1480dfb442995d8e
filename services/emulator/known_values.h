#pragma once

#include "absl/strings/string_view.h"

namespace snapledger::emulator {

// One of the 31 event names of Snap's Parameters page, in upper case.
bool IsStandardEventName(absl::string_view name);

// One of the 60 currency codes Snap documents, in upper case.
bool IsListedCurrency(absl::string_view code);

}  // namespace snapledger::emulator
