#pragma once

#include "absl/status/status.h"
#include "services/destinations/destination_directory.h"
#include "services/labels/label_cache.h"
#include "services/query/page_token.h"
#include "services/security/blind_index.h"
#include "services/security/envelope.h"
#include "snapledger/v1/conversion_service.pb.h"
#include "storage/listing_store.h"

namespace snapledger::query {

// Lists events by what is known of them, newest first, over all shards of a destination. Every call
// blocks on the database. Thread-safe.
class EventLister {
 public:
  // The arguments must outlive this.
  EventLister(destinations::DestinationDirectory& directory, storage::ListingStore& listings,
              security::Envelope& envelope, labels::LabelCache& labels,
              const security::BlindIndex& blind_index, const PageTokens& page_tokens)
      : directory_(directory),
        listings_(listings),
        envelope_(envelope),
        labels_(labels),
        blind_index_(blind_index),
        page_tokens_(page_tokens) {}

  // One page; with fewer events than asked for, even none, and a token where the search looked at
  // as much as one call may. NOT_FOUND: no such destination; INVALID_ARGUMENT, e.g. for a token
  // that is not of this question. Errors carry details (base/error_details.h).
  absl::Status List(const v1::ListEventsRequest& request, v1::ListEventsResponse* response);

 private:
  destinations::DestinationDirectory& directory_;
  storage::ListingStore& listings_;
  security::Envelope& envelope_;
  labels::LabelCache& labels_;
  const security::BlindIndex& blind_index_;
  const PageTokens& page_tokens_;
};

}  // namespace snapledger::query
