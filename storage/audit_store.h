#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

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

struct AuditFilter {
  std::optional<absl::Time> start, end;  // start inclusive, end exclusive
  std::string actor, action;             // empty: all
};

// Where an entry stands in a list: by time, those of one time by sequence.
struct AuditPlace {
  absl::Time time;
  int64_t sequence = 0;
};

struct AuditPage {
  std::vector<AuditRow> entries;         // newest first
  std::optional<AuditPlace> stopped_at;  // the list goes on before it; not set at its end
};

struct AuditVerification {
  // Where the chain first does not hold; 0: it holds from the first entry to the head.
  int64_t first_broken_sequence = 0;
  int64_t entries_checked = 0;  // those that hold
  // When the head of the log was last moved: the time of the last entry. Not set while there is
  // none.
  std::optional<absl::Time> head_time;
};

// Reads the audit log. Thread-safe.
class AuditStore {
 public:
  virtual ~AuditStore() = default;

  // Up to `limit` entries before `before`, newest first. Looks at a bounded number of entries: the
  // page may be short, even empty, though others follow.
  virtual absl::StatusOr<AuditPage> List(const AuditFilter& filter,
                                         const std::optional<AuditPlace>& before, int limit) = 0;

  // Walks the whole chain, in pages; acts go on meanwhile. Whoever can write to the database could
  // forge a chain anew from any entry on, head included: then the hashes differ from those that
  // were shown before.
  virtual absl::StatusOr<AuditVerification> Verify() = 0;
};

}  // namespace snapledger::storage
