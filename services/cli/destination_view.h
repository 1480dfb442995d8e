#pragma once

#include "services/cli/command.h"
#include "snapledger/v1/admin_service.pb.h"

namespace snapledger::cli {

// Prints one destination to standard output.
void PrintDestination(const v1::Destination& destination, OutputForm output);

// PIXEL or APP.
std::string KindName(v1::DestinationKind kind);

// "no", "yes", or "yes: REASON".
std::string PausedText(bool paused, const std::string& reason);

// "5m", "48h", "7d": the largest units that say a duration exactly.
std::string DurationText(const google::protobuf::Duration& duration);

}  // namespace snapledger::cli
