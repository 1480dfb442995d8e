#include "services/dispatch/isolation.h"

#include <algorithm>
#include <map>
#include <utility>

#include "services/dispatch/retry_policy.h"
#include "services/lots/slice_parts.h"

namespace snapledger::dispatch {
namespace {

using storage::IsolationStage;
using storage::SliceOutcome;

// What events of a batch go through together; `part` is left out.
using Fate = SliceOutcome::Part;

// The fates there are, and which each event of the batch has, in the batch's order.
struct Parting {
  std::vector<Fate> fates;
  std::vector<size_t> fate_of;
};

// The parts of one slice whose events have the fates from `first_event` on. Empty frames go with
// the event before them.
std::vector<SliceOutcome::Part> PartsOf(const storage::ClaimedSlice& slice, const Parting& parting,
                                        size_t first_event, const FramesOf& frames_of) {
  const auto fate = [&](int event) { return parting.fate_of[first_event + event]; };
  const storage::SlicePart whole = {.first_position = slice.key.first_position,
                                    .last_position = slice.last_position,
                                    .event_count = slice.event_count};
  std::vector<SliceOutcome::Part> parts;
  std::vector<int16_t> positions;
  int16_t first = slice.key.first_position;
  for (int event = 0; event < slice.event_count; ++event) {
    const bool is_last = event + 1 == slice.event_count;
    if (!is_last && fate(event) == fate(event + 1)) continue;
    SliceOutcome::Part part = parting.fates[fate(event)];
    if (is_last && parts.empty()) {
      part.part = whole;
      return {part};
    }
    const std::vector<event::Frame>& frames = frames_of(slice.key.lot_id);
    if (positions.empty()) {
      positions = lots::EventPositions(frames, slice.key.first_position, slice.last_position);
    }
    const int16_t last =
        is_last ? slice.last_position : static_cast<int16_t>(positions[event + 1] - 1);
    part.part = lots::MakePart(frames, first, last);
    parts.push_back(std::move(part));
    first = static_cast<int16_t>(last + 1);
  }
  return parts;
}

std::vector<SliceOutcome> PartEvents(const storage::ClaimedBatch& batch, const Parting& parting,
                                     const FramesOf& frames_of) {
  std::vector<SliceOutcome> outcomes;
  size_t event = 0;
  for (const storage::ClaimedSlice& slice : batch.slices) {
    outcomes.push_back({.key = slice.key,
                        .fence = slice.fence,
                        .parts = PartsOf(slice, parting, event, frames_of)});
    event += slice.event_count;
  }
  return outcomes;
}

Fate InGroup(const storage::Uuid& group, IsolationStage stage, bool parked = false) {
  return {.isolation_group = group, .isolation_stage = stage, .parked = parked};
}

// Neighbours that end in the same way with the same words leave together.
Parting PartByValidation(const std::vector<RefusedEvent>& refused,
                         const storage::ClaimedBatch& batch, const storage::Uuid& group) {
  Parting parting = {.fates = {InGroup(group, IsolationStage::kValidated)},
                     .fate_of = std::vector<size_t>(batch.event_count, 0)};
  std::map<std::pair<std::string, std::string>, size_t> fate_of_reason;
  auto slice = batch.slices.begin();
  int slice_end = slice->event_count;
  for (const RefusedEvent& event : refused) {
    while (event.index >= slice_end) slice_end += (++slice)->event_count;
    const Refusal refusal = RefusalOf(*slice);
    const auto [found, is_new] =
        fate_of_reason.try_emplace({refusal.reason, event.reason}, parting.fates.size());
    if (is_new) {
      parting.fates.push_back(
          {.departure = storage::Departure{.to_state = refusal.state,
                                           .reason = refusal.reason,
                                           .verdict_source = storage::VerdictSource::kValidate,
                                           .snap_reason = event.reason}});
    }
    parting.fate_of[event.index] = found->second;
  }
  return parting;
}

Parting PartByName(const std::vector<int>& named, int event_count, const storage::Uuid& group) {
  Parting parting = {.fates = {InGroup(group, IsolationStage::kHoldsRefused, /*parked=*/true),
                               InGroup(group, IsolationStage::kNamed)},
                     .fate_of = std::vector<size_t>(event_count, 0)};
  for (const int index : named) parting.fate_of[index] = 1;
  return parting;
}

}  // namespace

int EventsToTest(IsolationStage stage, int event_count) {
  if (event_count < 2 || stage < IsolationStage::kHoldsRefused) return event_count;
  return stage == IsolationStage::kNamed ? 1 : std::min(kTestedEventsMax, event_count / 2);
}

std::vector<SliceOutcome> Isolate(const Decision& decision, const Validation& validation,
                                  const storage::ClaimedBatch& batch, const FramesOf& frames_of,
                                  const storage::Uuid& group) {
  const int count = batch.event_count;
  const std::vector<int> named = NamedEvents(decision, count);
  Parting parting = {.fates = {InGroup(group, IsolationStage::kHoldsRefused)},
                     .fate_of = std::vector<size_t>(count, 0)};
  if (!validation.refused.empty()) {
    parting = PartByValidation(validation.refused, batch, group);
  } else if (!named.empty()) {
    parting = PartByName(named, count, group);
  }
  return PartEvents(batch, parting, frames_of);
}

std::vector<SliceOutcome> Halve(const storage::ClaimedBatch& batch, const FramesOf& frames_of,
                                const storage::Uuid& first_group,
                                const storage::Uuid& second_group) {
  const IsolationStage stage = std::min(batch.isolation_stage, IsolationStage::kValidated);
  Parting parting = {.fates = {InGroup(first_group, stage), InGroup(second_group, stage)},
                     .fate_of = std::vector<size_t>(batch.event_count, 0)};
  std::fill(parting.fate_of.begin() + batch.event_count / 2, parting.fate_of.end(), 1);
  return PartEvents(batch, parting, frames_of);
}

Refusal RefusalOf(const storage::ClaimedSlice& slice) {
  if (slice.doubted) return {storage::DeliveryState::kExpiredInDoubt, "REFUSED_AFTER_DOUBT"};
  if (slice.definite_failures + 1 >= kDefiniteFailuresMax) {
    return {storage::DeliveryState::kExhausted, "REFUSED_TOO_OFTEN"};
  }
  return {storage::DeliveryState::kRejected, "REFUSED_BY_SNAP"};
}

}  // namespace snapledger::dispatch
