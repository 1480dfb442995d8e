#pragma once

#include "storage/operator_store.h"
#include "storage/pool.h"

namespace snapledger::storage {

// OperatorStore on PostgreSQL.
class PostgresOperatorStore final : public OperatorStore {
 public:
  // `pool` must outlive this.
  explicit PostgresOperatorStore(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<int64_t> Apply(int32_t shard, absl::Span<const ActedSlice> slices,
                                const ActRecord& act) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace snapledger::storage
