#include "services/query/find_event.h"

#include "services/base/error_details.h"
#include "services/event/event_key.h"

namespace snapledger::query {

absl::StatusOr<storage::EventRow> FindEvent(storage::DeliveryStore& deliveries,
                                            const destinations::ActiveDestination& destination,
                                            std::string_view event_id) {
  const event::EventKey key = event::MakeEventKey(event_id);
  absl::StatusOr<storage::EventRow> row = deliveries.FindEvent(destination.ShardOf(key), key);
  if (absl::IsNotFound(row.status())) return base::EventNotFoundError(event_id);
  return row;
}

}  // namespace snapledger::query
