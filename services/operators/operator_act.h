#pragma once

#include <string_view>
#include <vector>

#include "storage/listing_store.h"
#include "storage/types.h"

namespace snapledger::operators {

// What an operator does to events.
enum class OperatorAct { kRedrive, kResolveInDoubt, kCancel };

// The method that does it, for the audit log.
std::string_view ActionName(OperatorAct act);

// The states a selection means that names none.
std::vector<storage::DeliveryState> DefaultStates(OperatorAct act);

// Why a selection for the act may not name the state, and what to do instead; empty where it may.
std::string_view WhyNot(OperatorAct act, storage::DeliveryState state);

// Whether the act moves such a slice, wherever it was named. A slice that waits to be sent cannot
// be redriven; one that was set aside because its payload could not be read can.
bool Concerns(OperatorAct act, const storage::SliceRow& slice);

// Whether the slice is one that was set aside: not final, and in no queue.
bool IsSetAside(const storage::SliceRow& slice);

}  // namespace snapledger::operators
