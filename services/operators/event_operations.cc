#include "services/operators/event_operations.h"

#include <cmath>
#include <optional>
#include <utility>

#include "services/base/error_details.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/operators/lot_reader.h"
#include "storage/random_uuid.h"

namespace snapledger::operators {
namespace {

using storage::DeliveryState;
using Violations = std::vector<base::FieldViolation>;

// What one transaction moves: it is over long before the shortest limit on transactions, and claims
// pass over its rows meanwhile.
constexpr size_t kSlicesAtOnce = 200;
constexpr size_t kPartsAtOnce = 2000;

constexpr double kRateMin = 0.01;
constexpr double kRateMax = 1'000'000;

void CheckRate(double events_per_second, Violations* violations) {
  if (events_per_second == 0) return;
  // Written so that it is false for what is not a number.
  const bool usable = events_per_second >= kRateMin && events_per_second <= kRateMax;
  if (!usable) {
    violations->push_back({"max_events_per_second", "must be 0, or 0.01 to 1000000"});
  }
}

std::string ReasonOf(std::string_view code, std::string_view text) {
  return text.empty() ? std::string(code) : base::Concat(code, ": ", text);
}

absl::Status SelectionTooLargeError(int64_t matched, int64_t events_max) {
  return base::FailedPreconditionError(
      base::ErrorReason::kSelectionTooLarge, "selection",
      base::Concat("the selection holds ", matched, " events, and one act moves at most ",
                   events_max, "; narrow it by states, event_names or received"));
}

}  // namespace

absl::Status EventOperations::Redrive(const v1::RedriveEventsRequest& request,
                                      std::string_view actor, v1::RedriveEventsResponse* response) {
  Violations violations;
  Order order = {
      .act = OperatorAct::kRedrive,
      .destination = request.selection().destination(),
      .selection = ReadSelection(OperatorAct::kRedrive, request.selection(), &violations),
      .dry_run = request.dry_run(),
      .events_per_second = request.max_events_per_second(),
      .reason = ReasonOf("REDRIVEN", request.reason()),
      .actor = std::string(actor)};
  CheckRate(request.max_events_per_second(), &violations);
  CheckReason(request.reason(), &violations);
  if (!violations.empty()) return base::InvalidFieldsError(std::move(violations));
  SNAPLEDGER_ASSIGN_OR_RETURN(const Counts counts, Carry(order));
  response->set_matched(counts.matched);
  response->set_redriven(counts.moved);
  return absl::OkStatus();
}

absl::Status EventOperations::ResolveInDoubt(const v1::ResolveInDoubtEventsRequest& request,
                                             std::string_view actor,
                                             v1::ResolveInDoubtEventsResponse* response) {
  Violations violations;
  Order order = {
      .act = OperatorAct::kResolveInDoubt,
      .destination = request.selection().destination(),
      .selection = ReadSelection(OperatorAct::kResolveInDoubt, request.selection(), &violations),
      .dry_run = request.dry_run(),
      .actor = std::string(actor)};
  if (request.resolution() == v1::IN_DOUBT_RESOLUTION_ASSUME_DELIVERED) {
    order.outcome = {.to_state = DeliveryState::kDelivered};
    order.reason = ReasonOf("ASSUMED_DELIVERED", request.reason());
  } else if (request.resolution() == v1::IN_DOUBT_RESOLUTION_SEND_AGAIN) {
    order.outcome = {.to_state = DeliveryState::kPending, .new_window = true};
    order.reason = ReasonOf("SENT_AGAIN", request.reason());
  } else {
    violations.push_back({"resolution", "must be ASSUME_DELIVERED or SEND_AGAIN"});
  }
  CheckReason(request.reason(), &violations);
  if (!violations.empty()) return base::InvalidFieldsError(std::move(violations));
  SNAPLEDGER_ASSIGN_OR_RETURN(const Counts counts, Carry(order));
  response->set_resolved(request.dry_run() ? counts.matched : counts.moved);
  return absl::OkStatus();
}

absl::Status EventOperations::Cancel(const v1::CancelEventsRequest& request, std::string_view actor,
                                     v1::CancelEventsResponse* response) {
  Violations violations;
  Order order = {.act = OperatorAct::kCancel,
                 .destination = request.selection().destination(),
                 .selection = ReadSelection(OperatorAct::kCancel, request.selection(), &violations),
                 .dry_run = request.dry_run(),
                 .outcome = {.to_state = DeliveryState::kCanceled},
                 .reason = ReasonOf("CANCELED", request.reason()),
                 .actor = std::string(actor)};
  CheckReason(request.reason(), &violations);
  if (!violations.empty()) return base::InvalidFieldsError(std::move(violations));
  SNAPLEDGER_ASSIGN_OR_RETURN(const Counts counts, Carry(order));
  response->set_canceled(request.dry_run() ? counts.matched : counts.moved);
  return absl::OkStatus();
}

absl::StatusOr<EventOperations::Counts> EventOperations::Carry(const Order& order) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              dependencies_.directory.Find(order.destination));
  SNAPLEDGER_ASSIGN_OR_RETURN(
      const SelectedEvents selected,
      reader_.Read(order.act, *destination, order.selection, options_.events_max));
  Counts counts = {.matched = selected.event_count};
  if (order.dry_run) return counts;
  if (selected.event_count > options_.events_max) {
    return SelectionTooLargeError(selected.event_count, options_.events_max);
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(counts.moved, Move(order, *destination, selected));
  return counts;
}

absl::StatusOr<int64_t> EventOperations::Move(const Order& order,
                                              const destinations::ActiveDestination& destination,
                                              const SelectedEvents& selected) {
  LotReader lots(dependencies_.listing, dependencies_.envelope);
  ActPlan plan(order.outcome, selected.name_labels,
               {.events_per_request = destination.stored.settings.max_events_per_request,
                .events_per_second = order.events_per_second,
                .make_group = storage::RandomUuid},
               [&lots](const storage::SliceRow& slice) { return lots.Open(slice); });
  int64_t moved = 0;
  std::vector<storage::ActedSlice> page;
  size_t parts = 0;
  for (size_t i = 0; i < selected.slices.size(); ++i) {
    const SelectedSlice& slice = selected.slices[i];
    SNAPLEDGER_ASSIGN_OR_RETURN(std::optional<storage::ActedSlice> planned, plan.Plan(slice));
    if (planned.has_value()) {
      parts += planned->parts.size();
      page.push_back(*std::move(planned));
    }
    const bool last_of_shard =
        i + 1 == selected.slices.size() || selected.slices[i + 1].row.shard != slice.row.shard;
    if (!last_of_shard && page.size() < kSlicesAtOnce && parts < kPartsAtOnce) continue;
    SNAPLEDGER_ASSIGN_OR_RETURN(const int64_t applied, Apply(order, slice.row.shard, page));
    moved += applied;
    page.clear();
    parts = 0;
    plan.BeginTransaction();
  }
  return moved;
}

absl::StatusOr<int64_t> EventOperations::Apply(const Order& order, int32_t shard,
                                               const std::vector<storage::ActedSlice>& slices) {
  if (slices.empty()) return 0;
  const storage::ActRecord record = {
      .action = std::string(ActionName(order.act)), .reason = order.reason, .actor = order.actor};
  SNAPLEDGER_ASSIGN_OR_RETURN(const int64_t moved,
                              dependencies_.store.Apply(shard, slices, record));
  if (moved > 0 && order.outcome.to_state == DeliveryState::kPending) dependencies_.nudge({shard});
  return moved;
}

}  // namespace snapledger::operators
