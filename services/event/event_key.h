#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace snapledger::event {

// The 16-byte key an event id is known by in the ledger: the first half of SHA-256(event_id).
using EventKey = std::array<uint8_t, 16>;

EventKey MakeEventKey(std::string_view event_id);

}  // namespace snapledger::event
