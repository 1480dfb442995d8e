#include "services/lots/slice_parts.h"

#include <algorithm>

#include "storage/rollup.h"

namespace snapledger::lots {

storage::SlicePart MakePart(const std::vector<event::Frame>& frames, int16_t first, int16_t last) {
  storage::SlicePart part = {
      .first_position = first, .last_position = last, .oldest_event_time = absl::InfiniteFuture()};
  storage::Rollup rollup;
  for (const int16_t position : EventPositions(frames, first, last)) {
    const event::Frame& frame = frames[position];
    ++part.event_count;
    part.json_bytes += static_cast<int32_t>(frame.json.size());
    part.oldest_event_time =
        std::min(part.oldest_event_time, absl::FromUnixSeconds(frame.header.event_time_seconds));
    ++rollup[{.name_label = frame.header.name_label,
              .source_label = frame.header.source_label,
              .action_source = static_cast<int16_t>(frame.header.action_source),
              .supplied = frame.header.supplied,
              .usable = frame.header.usable}];
  }
  part.rollup = storage::PackRollup(rollup);
  return part;
}

std::vector<int16_t> EventPositions(const std::vector<event::Frame>& frames, int16_t first,
                                    int16_t last) {
  std::vector<int16_t> positions;
  for (int position = first; position <= last && position < static_cast<int>(frames.size());
       ++position) {
    if (!frames[position].empty()) positions.push_back(static_cast<int16_t>(position));
  }
  return positions;
}

}  // namespace snapledger::lots
