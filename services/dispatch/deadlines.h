#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "services/event/lot_codec.h"
#include "storage/destination_store.h"
#include "storage/ledger.h"

namespace snapledger::dispatch {

// How long before a dedup window closes nothing of it is sent again: a request takes time, and
// Snap's clock is not ours.
inline constexpr absl::Duration kWindowMargin = absl::Hours(1);

enum class SendVerdict { kSend, kTooOld, kWindowClosed };

// Whether one event may be sent now by the protocol's windows: an event that was never in doubt
// while Snap still takes its age; one in doubt, besides, only while Snap deduplicates a second
// arrival. Without a first send its window begins with this one: an operator said so. `now` is the
// database's. Pure.
SendVerdict MaySend(const event::FrameHeader& header, bool doubted,
                    std::optional<absl::Time> first_sent_time,
                    const storage::DestinationSettings& settings, absl::Time now);

// True where every event of the slice may be sent, by its oldest event and the shortest windows:
// the common case, which needs no look at single events.
bool WholeSliceMaySend(const storage::ClaimedSlice& slice,
                       const storage::DestinationSettings& settings, absl::Time now);

}  // namespace snapledger::dispatch
