#pragma once

#include "absl/status/status.h"
#include "services/destinations/destination_directory.h"
#include "services/query/page_token.h"
#include "snapledger/v1/conversion_service.pb.h"
#include "storage/delivery_store.h"
#include "storage/listing_store.h"

namespace snapledger::query {

// Lists the requests that were sent to Snap, newest first: those of a destination or of one event.
// Every call blocks on the database. Thread-safe.
class AttemptLister {
 public:
  // The arguments must outlive this.
  AttemptLister(destinations::DestinationDirectory& directory, storage::DeliveryStore& deliveries,
                storage::ListingStore& listings, const PageTokens& page_tokens)
      : directory_(directory),
        deliveries_(deliveries),
        listings_(listings),
        page_tokens_(page_tokens) {}

  // One page. NOT_FOUND: no such destination or event; INVALID_ARGUMENT. Errors carry details
  // (base/error_details.h).
  absl::Status List(const v1::ListAttemptsRequest& request, v1::ListAttemptsResponse* response);

 private:
  destinations::DestinationDirectory& directory_;
  storage::DeliveryStore& deliveries_;
  storage::ListingStore& listings_;
  const PageTokens& page_tokens_;
};

}  // namespace snapledger::query
