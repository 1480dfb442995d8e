#pragma once

#include "storage/ledger.h"
#include "storage/pool.h"

namespace snapledger::storage {

// IdentityPartitions on PostgreSQL: the tables identity_N.
class PostgresIdentityPartitions final : public IdentityPartitions {
 public:
  // `pool` must outlive this.
  explicit PostgresIdentityPartitions(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<bool> RollIfDue(absl::Duration age_max, int64_t rows_max) override;

 private:
  ConnectionPool& pool_;
};

}  // namespace snapledger::storage
