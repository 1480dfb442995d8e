#pragma once

#include "absl/status/status.h"
#include "services/query/page_token.h"
#include "snapledger/v1/admin_service.pb.h"
#include "storage/audit_store.h"

namespace snapledger::query {

// Answers questions about the audit log. Every call blocks on the database; Verify reads the whole
// log. Errors carry details (base/error_details.h). Thread-safe.
class AuditLog {
 public:
  // The arguments must outlive this.
  AuditLog(storage::AuditStore& store, const PageTokens& page_tokens)
      : store_(store), page_tokens_(page_tokens) {}

  // One page, newest first. INVALID_ARGUMENT.
  absl::Status List(const v1::ListAuditEntriesRequest& request,
                    v1::ListAuditEntriesResponse* response);
  absl::Status Verify(v1::VerifyAuditLogResponse* response);

 private:
  storage::AuditStore& store_;
  const PageTokens& page_tokens_;
};

}  // namespace snapledger::query
