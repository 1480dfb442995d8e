#pragma once

#include "storage/audit_store.h"
#include "storage/pool.h"

namespace snapledger::storage {

// AuditStore on PostgreSQL. Entries are appended by audit_rows.h.
class PostgresAuditStore final : public AuditStore {
 public:
  // `pool` must outlive this.
  explicit PostgresAuditStore(ConnectionPool& pool) : pool_(pool) {}

  absl::StatusOr<AuditPage> List(const AuditFilter& filter, const std::optional<AuditPlace>& before,
                                 int limit) override;
  absl::StatusOr<AuditVerification> Verify() override;

 private:
  ConnectionPool& pool_;
};

}  // namespace snapledger::storage
