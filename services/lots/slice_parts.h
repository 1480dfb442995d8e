#pragma once

#include <cstdint>
#include <vector>

#include "services/event/lot_codec.h"
#include "storage/ledger.h"

namespace snapledger::lots {

// Positions first..last of a lot as a part of a slice: its counts, its share of the rollup, its
// oldest event. `frames` are those of the whole lot. Pure.
storage::SlicePart MakePart(const std::vector<event::Frame>& frames, int16_t first, int16_t last);

// The positions of first..last that hold an event, in order.
std::vector<int16_t> EventPositions(const std::vector<event::Frame>& frames, int16_t first,
                                    int16_t last);

}  // namespace snapledger::lots
