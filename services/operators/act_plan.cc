#include "services/operators/act_plan.h"

#include <algorithm>
#include <utility>

#include "services/base/log.h"
#include "services/lots/slice_parts.h"
#include "services/operators/slice_runs.h"

namespace snapledger::operators {
namespace {

using storage::DeliveryState;

bool Holds(const std::vector<int32_t>& labels, int32_t label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

}  // namespace

ActPlan::ActPlan(const ActedOutcome& outcome, std::vector<int32_t> name_labels,
                 RedriveGroups::Options groups, LotOpener open_lot)
    : outcome_(outcome),
      name_labels_(std::move(name_labels)),
      open_lot_(std::move(open_lot)),
      groups_(std::move(groups)) {}

storage::ActedMove ActPlan::MoveOf(const storage::SliceRow& row, const storage::SlicePart& part) {
  if (!sends_again()) return {.to_state = outcome_.to_state};
  const bool doubted = row.possibly_delivered;
  const RedriveGroups::Place place = groups_.Put(doubted, part.event_count, part.json_bytes);
  // What was never in doubt has no window; it begins with the next send in any case.
  return {.to_state = doubted ? DeliveryState::kInDoubt : DeliveryState::kPending,
          .isolation_group = place.group,
          .due_in = place.due_in,
          .new_window = !doubted || outcome_.new_window};
}

storage::ActedSlice ActPlan::PlanWhole(const storage::SliceRow& row) {
  const storage::SlicePart part = {.first_position = row.key.first_position,
                                   .last_position = row.last_position,
                                   .event_count = row.event_count,
                                   .json_bytes = row.json_bytes};
  return {.read = row, .parts = {{.part = part, .move = MoveOf(row, part)}}};
}

storage::ActedSlice ActPlan::PlanParts(const SelectedSlice& slice,
                                       const std::vector<event::Frame>& frames) {
  const auto is_selected = [&](int16_t position) {
    if (slice.whole()) return true;
    if (!slice.positions.empty()) {
      return std::binary_search(slice.positions.begin(), slice.positions.end(), position);
    }
    return Holds(name_labels_, frames[position].header.name_label);
  };
  const int events_max = sends_again() ? groups_.events_max() : storage::kLotEventsMax;
  storage::ActedSlice acted = {.read = slice.row};
  for (const SliceRun& run : RunsOf(frames, slice.row.key.first_position, slice.row.last_position,
                                    events_max, is_selected)) {
    storage::ActedPart& part = acted.parts.emplace_back();
    part.part = lots::MakePart(frames, run.first_position, run.last_position);
    if (run.selected) part.move = MoveOf(slice.row, part.part);
  }
  return acted;
}

absl::StatusOr<std::optional<storage::ActedSlice>> ActPlan::Plan(const SelectedSlice& slice) {
  const bool fits = !sends_again() || slice.row.event_count <= groups_.events_max();
  if (slice.whole() && fits) return PlanWhole(slice.row);
  const auto lot = open_lot_(slice.row);
  if (lot.ok()) return PlanParts(slice, (*lot)->frames());
  if (!absl::IsDataLoss(lot.status())) return lot.status();
  if (slice.whole()) return PlanWhole(slice.row);
  base::Log(base::Severity::kWarning,
            "some events of a lot that cannot be read were selected: they only move together",
            {{"shard", slice.row.shard}, {"lot", slice.row.key.lot_id}});
  return std::nullopt;
}

}  // namespace snapledger::operators
