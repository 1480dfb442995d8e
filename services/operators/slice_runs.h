#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "services/event/lot_codec.h"

namespace snapledger::operators {

// Neighbours in a slice of which all are selected or none.
struct SliceRun {
  int16_t first_position = 0;
  int16_t last_position = 0;
  bool selected = false;
};

// Positions first..last of a lot as runs, in order and covering them; empty frames go with the
// event before them. No selected run has more than `events_max` events. There is at least one
// event. Pure.
std::vector<SliceRun> RunsOf(const std::vector<event::Frame>& frames, int16_t first, int16_t last,
                             int events_max,
                             const std::function<bool(int16_t position)>& is_selected);

}  // namespace snapledger::operators
