#pragma once

#include "absl/status/status.h"
#include "services/base/clock.h"
#include "services/destinations/destination_directory.h"
#include "services/labels/label_cache.h"
#include "snapledger/v1/conversion_service.pb.h"
#include "storage/delivery_store.h"

namespace snapledger::matchrate {

// Coverage: which share of events carries which identifiers. Exact, counted from the books.
// Thread-safe.
class Coverage {
 public:
  // The arguments must outlive this.
  Coverage(destinations::DestinationDirectory& directory, storage::DeliveryStore& deliveries,
           labels::LabelCache& labels, const base::Clock& clock)
      : directory_(directory), deliveries_(deliveries), labels_(labels), clock_(clock) {}

  // Answers GetMatchRates with the coverage measure; blocks on the database. `recount` counts the
  // events' own slices instead of the counters. NOT_FOUND: no such destination; INVALID_ARGUMENT;
  // UNIMPLEMENTED where another measure than coverage is asked for.
  absl::Status GetMatchRates(const v1::GetMatchRatesRequest& request, bool recount,
                             v1::GetMatchRatesResponse* response);

 private:
  destinations::DestinationDirectory& directory_;
  storage::DeliveryStore& deliveries_;
  labels::LabelCache& labels_;
  const base::Clock& clock_;
};

}  // namespace snapledger::matchrate
