#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/event/identifier_kind.h"

namespace snapledger::matchrate {

struct IdentifierValue {
  event::IdentifierKind kind = event::IdentifierKind::kEmail;
  std::string text;  // as it stands in the event: in hex where it is hashed
};

// What identifies a person in an event, and its order. Personal data: never log one.
struct EventValues {
  std::vector<IdentifierValue> values;  // in the order of kinds
  std::string order_id;                 // empty: none
};

// Reads them from an event's frozen Snap JSON (snap/encode.h), which has only usable values. The
// IP address and the user agent are one value, only together. nullopt where it is no JSON object.
// Pure.
std::optional<EventValues> ReadEventValues(std::string_view snap_event);

}  // namespace snapledger::matchrate
