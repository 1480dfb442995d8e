#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "storage/connection.h"
#include "storage/result.h"

namespace snapledger::storage {

// An act as it is entered in the audit log. Never holds an identifier or a secret.
struct AuditRecord {
  std::string actor;        // the caller, or the part of the service that acted by itself
  std::string action;       // the method, e.g. PauseDestination
  std::string target;       // what it was done to: a destination_id
  std::string detail_json;  // one JSON object (AuditDetail)
};

// An entry of the audit log.
struct AuditRow {
  int64_t sequence = 0;  // from 1, without gaps
  absl::Time time;       // by the database's clock, when its transaction began
  AuditRecord record;
  std::string previous_hash;  // 32 bytes; empty in the first
  std::string hash;           // 32 bytes
};

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
