#pragma once

#include "storage/pool.h"
#include "storage/receipt_store.h"

namespace snapledger::storage {

// ReceiptStore on PostgreSQL.
class PostgresReceiptStore final : public ReceiptStore {
 public:
  // `pool` must outlive this.
  explicit PostgresReceiptStore(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<bool> TakeTurn(int32_t destination_number, absl::Duration interval) override;
  absl::StatusOr<ExpectedReceipts> Expected(absl::Span<const int32_t> shards,
                                            absl::Duration lag) override;
  absl::Status Add(int32_t destination_number, const ReceiptObservation& observation) override;
  absl::StatusOr<std::vector<ReceiptObservation>> Latest(int32_t destination_number,
                                                         absl::Duration age, int limit) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace snapledger::storage
