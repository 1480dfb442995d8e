#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "services/dispatch/named_events.h"
#include "services/event/lot_codec.h"
#include "storage/ledger.h"

namespace snapledger::dispatch {

// The search for what is refused in a batch: one request at a time, each with as many events as
// Snap's answers so far leave in question. docs/decisions/0015 has the steps and their count.

// The most events of a group that are tested at once where some of it are known to be refused. A
// quarter of the largest request keeps the worst case of a few refused events lowest.
inline constexpr int kTestedEventsMax = 512;

// How many of `event_count` events of a group at this stage one request carries.
int EventsToTest(storage::IsolationStage stage, int event_count);

// What /events/validate said of a refused batch.
struct Validation {
  std::vector<RefusedEvent> refused;            // ascending; empty where it helps nothing
  std::optional<absl::Duration> shut_gate_for;  // it was throttled
};

// The frames of a lot of the batch.
using FramesOf = std::function<const std::vector<event::Frame>&(int64_t lot_id)>;

// Where the events of a refused batch of several go, `group` being their isolation group:
//   the validation names some    those leave as refused, the others are sent as one
//   Snap's answer may mean some  those are sent alone, the others wait for what comes of them
//   neither                      all are searched
// Pure.
std::vector<storage::SliceOutcome> Isolate(const Decision& decision, const Validation& validation,
                                           const storage::ClaimedBatch& batch,
                                           const FramesOf& frames_of, const storage::Uuid& group);

// Cuts a batch of several that is too large in two halves, each an isolation group of its own.
// Pure.
std::vector<storage::SliceOutcome> Halve(const storage::ClaimedBatch& batch,
                                         const FramesOf& frames_of,
                                         const storage::Uuid& first_group,
                                         const storage::Uuid& second_group);

// How events of a slice that Snap refuses by themselves end.
struct Refusal {
  storage::DeliveryState state = storage::DeliveryState::kRejected;
  std::string reason;
};
Refusal RefusalOf(const storage::ClaimedSlice& slice);

}  // namespace snapledger::dispatch
