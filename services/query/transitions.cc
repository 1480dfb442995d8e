#include "services/query/transitions.h"

#include <string>

#include "services/query/proto_time.h"

namespace snapledger::query {
namespace {

using storage::DeliveryState;

constexpr std::string_view kDispatcher = "dispatcher";

v1::Transition NewTransition(absl::Time time, std::string_view reason, std::string_view actor) {
  v1::Transition transition;
  *transition.mutable_time() = TimeToProto(time);
  transition.set_reason(std::string(reason));
  transition.set_actor(std::string(actor));
  return transition;
}

}  // namespace

v1::DeliveryState StateToProto(DeliveryState state) {
  return static_cast<v1::DeliveryState>(state);
}

v1::Transition ReceiptTransition(DeliveryState state, absl::Time time) {
  const bool suppressed = state == DeliveryState::kSuppressed;
  v1::Transition receipt =
      NewTransition(time, suppressed ? "consent denied" : "received", "intake");
  receipt.set_to_state(StateToProto(state));
  return receipt;
}

v1::Transition SentTransition(DeliveryState from, absl::Time time) {
  return OtherTransition(from, DeliveryState::kInFlight, time, "sent", kDispatcher);
}

// A lease that ended is closed by the reaper, everything else by the dispatcher that sent.
v1::Transition OutcomeTransition(DeliveryState to, absl::Time time, std::string_view state_reason) {
  const bool reaped = state_reason == "OWNER_VANISHED";
  return OtherTransition(DeliveryState::kInFlight, to, time, state_reason,
                         reaped ? "reaper" : kDispatcher);
}

v1::Transition OtherTransition(DeliveryState from, DeliveryState to, absl::Time time,
                               std::string_view reason, std::string_view actor) {
  v1::Transition transition = NewTransition(time, reason, actor);
  transition.set_from_state(StateToProto(from));
  transition.set_to_state(StateToProto(to));
  return transition;
}

}  // namespace snapledger::query
