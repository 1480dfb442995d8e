#pragma once

#include <atomic>
#include <cstdint>

#include "storage/delivery_store.h"
#include "storage/pool.h"

namespace snapledger::storage {

// DeliveryStore on PostgreSQL: single events in postgres_deliveries.cc, counts in
// postgres_counters.cc and coverage_counters.cc.
class PostgresDeliveryStore final : public DeliveryStore {
 public:
  // `pool` must outlive this.
  explicit PostgresDeliveryStore(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<EventRow> FindEvent(int32_t shard, const Uuid& event_key) override;
  absl::StatusOr<ShardDelivery> Delivery(int32_t shard) override;
  absl::StatusOr<std::vector<CoveragePeriod>> Coverage(int32_t shard,
                                                       const CoverageQuery& query) override;
  absl::StatusOr<std::vector<CoveragePeriod>> RecountCoverage(int32_t shard,
                                                              const CoverageQuery& query) override;
  absl::StatusOr<FoldResult> Compact(int32_t shard) override;

 private:
  ConnectionPool& pool_;
  std::atomic<int32_t> newest_group_ = 0;  // of identity partitions, as last seen
};

}  // namespace snapledger::storage
