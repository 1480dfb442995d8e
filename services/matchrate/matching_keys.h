#pragma once

#include <span>
#include <string_view>

#include "services/event/identifier_kind.h"

namespace snapledger::matchrate {

// The identifiers that can link an event to an account by themselves, in the order of their
// numbers. IP address and user agent are one of them, and only together. Names, gender and places
// are none: they fit many people, so they can only support a link that another identifier makes,
// and nothing is published of how much. The model counts a set of identifiers as its matching keys
// and adds nothing for the rest. Pure.
std::span<const event::IdentifierKind> MatchingKeys();

// Words for people, e.g. "phone", "IP address and user agent"; also for what is no matching key.
std::string_view IdentifierWords(event::IdentifierKind kind);

}  // namespace snapledger::matchrate
