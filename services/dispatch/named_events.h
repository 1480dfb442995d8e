#pragma once

#include <string>
#include <vector>

#include "services/dispatch/outcome.h"
#include "services/snap/decode.h"

namespace snapledger::dispatch {

// An event of a request that Snap refused: its place among the request's events, from 0.
struct RefusedEvent {
  int index = 0;
  std::string reason;  // Snap's own, redacted
};

// The events of a request of `event_count` that the answer to it may mean, as places from 0,
// ascending. Whether Snap counts `event` from 0 or from 1 is not known: where both fit, both places
// are given, so this is a hint where to look and no verdict. Empty where nothing is named, or a
// place that the request does not have. Pure.
std::vector<int> NamedEvents(const Decision& decision, int event_count);

// The events that a validation of a request of `event_count` calls INVALID, ascending. Empty where
// it calls none so, or where the places are not certain: they are only where the numbers are each
// given once and the first or the last possible one is among them, or where every event has a log
// and none has a number. Pure.
std::vector<RefusedEvent> RefusedByValidation(const std::vector<snap::EventVerdict>& verdicts,
                                              int event_count);

}  // namespace snapledger::dispatch
