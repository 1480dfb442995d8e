#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "services/cli/table.h"
#include "snapledger/v1/delivery.pb.h"

namespace snapledger::cli {

// DELIVERED for DELIVERY_STATE_DELIVERED; "-" where there is none.
std::string StateName(v1::DeliveryState state);

// One row an event, as lists show them. Pure.
Table EventTable(const google::protobuf::RepeatedPtrField<v1::EventStatus>& events);

// One row a request. `of_event`: of one event, so that they are numbered; else their ids are shown.
// Pure.
Table AttemptTable(const google::protobuf::RepeatedPtrField<v1::Attempt>& attempts, bool of_event);

}  // namespace snapledger::cli
