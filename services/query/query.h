#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/clock.h"
#include "services/destinations/destination_directory.h"
#include "services/labels/label_cache.h"
#include "services/query/event_status.h"
#include "services/security/envelope.h"
#include "snapledger/v1/conversion_service.pb.h"
#include "storage/delivery_store.h"
#include "storage/receipt_store.h"

namespace snapledger::query {

// Answers what happened to an event and how deliveries stand. Every call blocks on the database.
// Errors carry details (base/error_details.h). Thread-safe.
class Query {
 public:
  // The arguments must outlive this.
  // An observation of receipts older than `receipt_age_max` is stale.
  Query(destinations::DestinationDirectory& directory, storage::DeliveryStore& deliveries,
        storage::ReceiptStore& receipts, absl::Duration receipt_age_max,
        security::Envelope& envelope, labels::LabelCache& labels, const base::Clock& clock)
      : directory_(directory),
        deliveries_(deliveries),
        receipts_(receipts),
        receipt_age_max_(receipt_age_max),
        envelope_(envelope),
        labels_(labels),
        clock_(clock) {}

  // NOT_FOUND: no such destination or event; INVALID_ARGUMENT: a field is missing.
  absl::Status GetEvent(const v1::GetEventRequest& request, v1::GetEventResponse* response);

  // The destination's figures, or with an empty destination those of all, ordered by id.
  absl::Status GetDeliveryStats(const v1::GetDeliveryStatsRequest& request,
                                v1::GetDeliveryStatsResponse* response);

 private:
  EventTexts ReadTexts(const storage::EventRow& row);
  absl::Status AddStats(const destinations::ActiveDestination& destination,
                        v1::DestinationDelivery* message);

  destinations::DestinationDirectory& directory_;
  storage::DeliveryStore& deliveries_;
  storage::ReceiptStore& receipts_;
  const absl::Duration receipt_age_max_;
  security::Envelope& envelope_;
  labels::LabelCache& labels_;
  const base::Clock& clock_;
};

}  // namespace snapledger::query
