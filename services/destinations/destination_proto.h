#pragma once

#include "snapledger/v1/admin_service.pb.h"
#include "storage/destination_store.h"

namespace snapledger::destinations {

// A destination as callers see it: effective settings, tokens without their secrets.
void ToProto(const storage::Destination& destination, v1::Destination* message);

}  // namespace snapledger::destinations
