#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "services/lots/open_lot.h"
#include "services/operators/redrive_groups.h"
#include "services/operators/selection_reader.h"
#include "storage/operator_store.h"

namespace snapledger::operators {

// What becomes of the events an act moves.
struct ActedOutcome {
  // Final states; PENDING stands for being sent again: PENDING, or IN_DOUBT where an event ever was
  // in doubt.
  storage::DeliveryState to_state = storage::DeliveryState::kPending;
  bool new_window = false;  // of what is sent again
};

// Plans what becomes of selected slices: which parts of them move, and where to. Serves one act.
// Not thread-safe.
class ActPlan {
 public:
  // Opens a lot; DATA_LOSS where it cannot be read for good.
  using LotOpener =
      std::function<absl::StatusOr<std::shared_ptr<const lots::OpenLot>>(const storage::SliceRow&)>;

  // `name_labels`: those selected; empty: any.
  ActPlan(const ActedOutcome& outcome, std::vector<int32_t> name_labels,
          RedriveGroups::Options groups, LotOpener open_lot);

  // The parts of the slice. Not set where only some of its events would move and the lot cannot be
  // read: without it they cannot be told apart.
  absl::StatusOr<std::optional<storage::ActedSlice>> Plan(const SelectedSlice& slice);

  // What is planned from here on is applied in another transaction.
  void BeginTransaction() { groups_.Close(); }

 private:
  storage::ActedMove MoveOf(const storage::SliceRow& row, const storage::SlicePart& part);
  storage::ActedSlice PlanWhole(const storage::SliceRow& row);
  storage::ActedSlice PlanParts(const SelectedSlice& slice,
                                const std::vector<event::Frame>& frames);
  bool sends_again() const { return outcome_.to_state == storage::DeliveryState::kPending; }

  const ActedOutcome outcome_;
  const std::vector<int32_t> name_labels_;
  const LotOpener open_lot_;
  RedriveGroups groups_;
};

}  // namespace snapledger::operators
