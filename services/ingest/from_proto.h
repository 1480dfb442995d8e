#pragma once

#include <string>

#include "services/event/prepare.h"
#include "services/event/raw_event.h"
#include "snapledger/v1/conversion_event.pb.h"

namespace snapledger::ingest {

// The event as the pure core takes it. Text points into `message` and into `extra_json`, which both
// must outlive the result; `extra_json` is written by this call.
event::RawEvent FromProto(const v1::ConversionEvent& message, std::string* extra_json);

// Writes one violation or warning into a verdict.
void ToProto(const event::Violation& violation, v1::Violation* message);

}  // namespace snapledger::ingest
