#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "storage/connection.h"
#include "storage/destination_store.h"

namespace snapledger::storage {

// Adds the settings but the lane count, in the order of the columns from max_requests_per_second to
// gzip_requests.
void AddSettings(const DestinationSettings& settings, Parameters* parameters);

// The destinations with these numbers, ordered by id. Consistent where the connection reads one
// snapshot or holds their rows.
std::vector<Destination> ReadDestinations(Connection& connection,
                                          absl::Span<const int32_t> numbers);
Destination ReadOne(Connection& connection, int32_t number);

}  // namespace snapledger::storage
