#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "services/destinations/destination_directory.h"
#include "storage/delivery_store.h"

namespace snapledger::query {

// The event of a destination by its id. NOT_FOUND with EVENT_NOT_FOUND.
absl::StatusOr<storage::EventRow> FindEvent(storage::DeliveryStore& deliveries,
                                            const destinations::ActiveDestination& destination,
                                            std::string_view event_id);

}  // namespace snapledger::query
