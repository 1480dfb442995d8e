#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "snapledger/v1/delivery.pb.h"
#include "storage/types.h"

namespace snapledger::query {

// The words of an event's history: what the ledger's facts look like as transitions, whoever asks.
// All pure.

v1::DeliveryState StateToProto(storage::DeliveryState state);

// A lot was appended; `state` is PENDING or SUPPRESSED.
v1::Transition ReceiptTransition(storage::DeliveryState state, absl::Time time);

// An attempt began.
v1::Transition SentTransition(storage::DeliveryState from, absl::Time time);

// The outcome of an attempt was recorded.
v1::Transition OutcomeTransition(storage::DeliveryState to, absl::Time time,
                                 std::string_view state_reason);

// A change that no attempt explains.
v1::Transition OtherTransition(storage::DeliveryState from, storage::DeliveryState to,
                               absl::Time time, std::string_view reason, std::string_view actor);

}  // namespace snapledger::query
