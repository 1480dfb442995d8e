#include "services/operators/operator_act.h"

namespace snapledger::operators {
namespace {

using storage::DeliveryState;

std::string_view WhyNotRedrive(DeliveryState state) {
  switch (state) {
    case DeliveryState::kInFlight:
      return "events in flight are being sent; repeat when the outcome is known";
    case DeliveryState::kDelivered:
      return "delivered events are not sent again";
    case DeliveryState::kExpiredInDoubt:
      return "Snap may have these events: use ResolveInDoubtEvents";
    case DeliveryState::kSuppressed:
      return "events without consent are never sent";
    default:
      return "";
  }
}

std::string_view WhyNotResolve(DeliveryState state) {
  if (state == DeliveryState::kInDoubt || state == DeliveryState::kExpiredInDoubt) return "";
  if (state == DeliveryState::kInFlight) {
    return "events in flight are being sent; repeat when the outcome is known";
  }
  return "only IN_DOUBT and EXPIRED_IN_DOUBT can be resolved";
}

std::string_view WhyNotCancel(DeliveryState state) {
  if (state == DeliveryState::kPending || state == DeliveryState::kInDoubt) return "";
  if (state == DeliveryState::kInFlight) {
    return "events in flight are being sent; repeat when the outcome is known";
  }
  return "only PENDING and IN_DOUBT can be canceled: the others are final";
}

}  // namespace

std::string_view ActionName(OperatorAct act) {
  switch (act) {
    case OperatorAct::kRedrive:
      return "RedriveEvents";
    case OperatorAct::kResolveInDoubt:
      return "ResolveInDoubtEvents";
    case OperatorAct::kCancel:
      return "CancelEvents";
  }
  return "";
}

std::vector<DeliveryState> DefaultStates(OperatorAct act) {
  switch (act) {
    case OperatorAct::kRedrive:
      return {DeliveryState::kRejected, DeliveryState::kExpired, DeliveryState::kExhausted};
    case OperatorAct::kResolveInDoubt:
      return {DeliveryState::kInDoubt, DeliveryState::kExpiredInDoubt};
    case OperatorAct::kCancel:
      return {DeliveryState::kPending, DeliveryState::kInDoubt};
  }
  return {};
}

std::string_view WhyNot(OperatorAct act, DeliveryState state) {
  switch (act) {
    case OperatorAct::kRedrive:
      return WhyNotRedrive(state);
    case OperatorAct::kResolveInDoubt:
      return WhyNotResolve(state);
    case OperatorAct::kCancel:
      return WhyNotCancel(state);
  }
  return "";
}

bool Concerns(OperatorAct act, const storage::SliceRow& slice) {
  if (!WhyNot(act, slice.state).empty()) return false;
  const bool waits =
      slice.state == DeliveryState::kPending || slice.state == DeliveryState::kInDoubt;
  return act != OperatorAct::kRedrive || !waits || IsSetAside(slice);
}

bool IsSetAside(const storage::SliceRow& slice) {
  return slice.queue == storage::Queue::kNone &&
         (slice.state == DeliveryState::kPending || slice.state == DeliveryState::kInDoubt);
}

}  // namespace snapledger::operators
