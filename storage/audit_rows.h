#pragma once

#include <string>

#include "storage/audit_store.h"
#include "storage/connection.h"
#include "storage/result.h"

namespace snapledger::storage {

// Appends an entry to the chain, within the write transaction of the act itself: both or neither.
// To be the last statement of the transaction: it locks the head of the log (audit_head), for which
// every other act of the deployment waits until the commit. Whoever holds that lock takes no other,
// so that nobody waits in a circle.
void AppendAuditEntry(Connection& connection, const AuditRecord& record);

// What `hash` has to be: SHA-256 over everything else of the entry. Every part goes in with its
// length, so that no two entries share an encoding.
std::string AuditHash(const AuditRow& entry);

// Reads sequence, entry_time, actor, action, target, detail_json, previous_hash and hash, in this
// order, from the first column on.
AuditRow ReadAuditRow(const Result& rows, int row);

}  // namespace snapledger::storage
