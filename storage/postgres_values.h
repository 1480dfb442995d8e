#pragma once

#include "storage/pool.h"
#include "storage/value_store.h"

namespace snapledger::storage {

// ValueStore on PostgreSQL.
class PostgresValueStore final : public ValueStore {
 public:
  // `pool` must outlive this.
  explicit PostgresValueStore(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<std::optional<ValueTurn>> TakeTurn(int32_t shard,
                                                    absl::Duration interval) override;
  absl::StatusOr<std::vector<LotToCount>> LotsAfter(int32_t shard, const CountedPlace& counted,
                                                    absl::Time through, int limit) override;
  absl::StatusOr<StoredValueSketches> Read(int32_t shard, absl::Time start,
                                           absl::Time end) override;
  absl::StatusOr<bool> Move(int32_t shard, const CountedPlace& from, const CountedPlace& to,
                            absl::Span<const ValueSketchRow> rows) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace snapledger::storage
