#pragma once

#include <functional>
#include <vector>

#include "services/event/lot_codec.h"
#include "storage/ledger.h"

namespace snapledger::dispatch {

// Cuts a refused batch in two halves by events, each an isolation group of its own, so that what is
// refused is found in few requests. Slices fall whole into a half, but for the one that is cut. The
// batch has at least two events. Pure but for the two group ids, which the caller makes.
std::vector<storage::SliceOutcome> Bisect(
    const storage::ClaimedBatch& batch,
    const std::function<const std::vector<event::Frame>&(int64_t lot_id)>& frames_of,
    const storage::Uuid& first_group, const storage::Uuid& second_group);

}  // namespace snapledger::dispatch
