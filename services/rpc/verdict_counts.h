#pragma once

#include "services/base/metrics.h"
#include "snapledger/v1/conversion_service.pb.h"

namespace snapledger::rpc {

// Counts the verdicts of an answer by outcome.
void CountVerdicts(const v1::RecordEventsResponse& response, base::Metrics& metrics);

}  // namespace snapledger::rpc
