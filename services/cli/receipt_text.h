#pragma once

#include <string>

#include "snapledger/v1/delivery.pb.h"

namespace snapledger::cli {

// What Snap says it received in an hour beside what was delivered in it: "950 of 1,000 (95 %)";
// "-" where that is not known. Receipts say nothing of matches. Pure.
std::string ReceiptsOf(const v1::DestinationDelivery& destination);

// The same as a sentence for a report of match rates; where it is not known, why. Pure.
std::string ReceiptsNote(const v1::DestinationDelivery& destination);

}  // namespace snapledger::cli
