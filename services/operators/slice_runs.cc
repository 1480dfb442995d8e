#include "services/operators/slice_runs.h"

#include "services/lots/slice_parts.h"

namespace snapledger::operators {

std::vector<SliceRun> RunsOf(const std::vector<event::Frame>& frames, int16_t first, int16_t last,
                             int events_max,
                             const std::function<bool(int16_t position)>& is_selected) {
  std::vector<SliceRun> runs;
  int in_run = 0;
  for (const int16_t position : lots::EventPositions(frames, first, last)) {
    const bool selected = is_selected(position);
    const bool full = selected && in_run == events_max;
    if (!runs.empty() && runs.back().selected == selected && !full) {
      ++in_run;
      continue;
    }
    const int16_t run_first = runs.empty() ? first : position;
    if (!runs.empty()) runs.back().last_position = static_cast<int16_t>(position - 1);
    runs.push_back({.first_position = run_first, .last_position = last, .selected = selected});
    in_run = 1;
  }
  return runs;
}

}  // namespace snapledger::operators
