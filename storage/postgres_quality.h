#pragma once

#include "storage/pool.h"
#include "storage/quality_store.h"

namespace snapledger::storage {

// QualityStore on PostgreSQL.
class PostgresQualityStore final : public QualityStore {
 public:
  // `pool` must outlive this.
  explicit PostgresQualityStore(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<bool> TakeTurn(int32_t destination_number, absl::Duration interval) override;
  absl::Status Add(int32_t destination_number, const QualityAnswer& answer) override;
  absl::StatusOr<QualityStanding> Standing(int32_t destination_number) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace snapledger::storage
