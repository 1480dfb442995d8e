#pragma once

#include <string_view>

namespace snapledger::event {

inline constexpr int kPurchaseEvent = 1;  // STANDARD_EVENT_PURCHASE

// Snap's spelling of a snapledger.v1.StandardEvent number; empty when there is no such number.
std::string_view StandardEventName(int number);

// The number of a name in Snap's exact spelling; 0 when it is none of Snap's.
int FindStandardEvent(std::string_view name);

}  // namespace snapledger::event
