#pragma once

#include <cstdint>
#include <map>

#include "services/event/identifier_kind.h"

namespace snapledger::matchrate {

// The shares of events that carry exactly each set of usable identifiers; they sum to 1.
using SetShares = std::map<event::IdentifierMask, double>;

// A reported count: `matches` of `events` were linked. One set: a count of exactly that set;
// several: a total over a mix that is known from coverage.
struct MatchObservation {
  SetShares shares;
  int64_t matches = 0;
  int64_t events = 0;
};

}  // namespace snapledger::matchrate
