#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "storage/connection.h"
#include "storage/delivery_store.h"

namespace snapledger::storage {

// Coverage as DeliveryStore tells it. The connection must read one snapshot. NOT_FOUND is thrown
// where there is no such shard.
std::vector<CoveragePeriod> ReadCoverage(Connection& connection, int32_t shard,
                                         const CoverageQuery& query);
std::vector<CoveragePeriod> RecountCoverage(Connection& connection, int32_t shard,
                                            const CoverageQuery& query);

// Adds what was recorded and delivered after `after` and up to `through` to the counter rows; the
// rows written. The caller keeps others from folding the shard meanwhile (HoldFolding).
int64_t FoldCoverage(Connection& connection, int32_t shard, absl::Time after, absl::Time through);

}  // namespace snapledger::storage
