#include "services/app/receipt_gauges.h"

#include <utility>
#include <vector>

namespace snapledger::app {

void ShowReceipts(const destinations::DestinationDirectory& directory,
                  storage::ReceiptStore& receipts, absl::Duration age_max, base::Metrics& metrics) {
  std::vector<base::Metrics::Receipts> shown;
  for (const destinations::DestinationPtr& destination : directory.List()) {
    const auto last = receipts.Latest(destination->stored.number, age_max, /*limit=*/1);
    if (!last.ok()) return;
    if (last->empty()) continue;
    const storage::ReceiptObservation& observation = last->front();
    base::Metrics::Receipts entry = {.destination = destination->stored.destination_id,
                                     .diverging = observation.diverging};
    if (observation.reported.has_value() && observation.expected.delivered > 0) {
      entry.ratio = static_cast<double>(*observation.reported) /
                    static_cast<double>(observation.expected.delivered);
    }
    shown.push_back(std::move(entry));
  }
  metrics.SetReceipts(shown);
}

}  // namespace snapledger::app
