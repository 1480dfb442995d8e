#pragma once

#include "storage/change_store.h"
#include "storage/pool.h"

namespace snapledger::storage {

// ChangeStore on PostgreSQL.
class PostgresChangeStore final : public ChangeStore {
 public:
  // `pool` must outlive this.
  explicit PostgresChangeStore(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<absl::Time> DatabaseNow() override;
  absl::StatusOr<ChangePage> ReadChanges(int32_t shard, const ChangeKey& after, int limit) override;
  absl::StatusOr<std::vector<LotRange>> EventsOf(int32_t shard, const ChangeRow& change) override;
  absl::StatusOr<std::vector<SliceRow>> SlicesOf(int32_t shard,
                                                 absl::Span<const int64_t> lot_ids) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace snapledger::storage
