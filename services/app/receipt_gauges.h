#pragma once

#include "absl/time/time.h"
#include "services/base/metrics.h"
#include "services/destinations/destination_directory.h"
#include "storage/receipt_store.h"

namespace snapledger::app {

// Shows what receipt reconciliation saw last of each destination, where that is not older than
// `age_max`. Where the database does not answer, what was shown stays.
void ShowReceipts(const destinations::DestinationDirectory& directory,
                  storage::ReceiptStore& receipts, absl::Duration age_max, base::Metrics& metrics);

}  // namespace snapledger::app
