#include "services/dispatch/isolation.h"

#include "services/lots/slice_parts.h"

namespace snapledger::dispatch {

std::vector<storage::SliceOutcome> Bisect(
    const storage::ClaimedBatch& batch,
    const std::function<const std::vector<event::Frame>&(int64_t lot_id)>& frames_of,
    const storage::Uuid& first_group, const storage::Uuid& second_group) {
  const int half = batch.event_count / 2;
  int before = 0;
  std::vector<storage::SliceOutcome> outcomes;
  for (const storage::ClaimedSlice& slice : batch.slices) {
    storage::SliceOutcome outcome = {.key = slice.key, .fence = slice.fence};
    const int in_first_half = half - before;
    before += slice.event_count;
    if (in_first_half > 0 && in_first_half < slice.event_count) {
      const std::vector<event::Frame>& frames = frames_of(slice.key.lot_id);
      const std::vector<int16_t> positions =
          lots::EventPositions(frames, slice.key.first_position, slice.last_position);
      const int16_t second = positions[in_first_half];
      outcome.parts.push_back(
          {lots::MakePart(frames, slice.key.first_position, static_cast<int16_t>(second - 1)),
           first_group});
      outcome.parts.push_back({lots::MakePart(frames, second, slice.last_position), second_group});
    } else {
      outcome.parts.push_back({.part = {.first_position = slice.key.first_position,
                                        .last_position = slice.last_position,
                                        .event_count = slice.event_count},
                               .isolation_group = in_first_half > 0 ? first_group : second_group});
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace snapledger::dispatch
