#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace snapledger::storage {

// One step of the schema. Steps are numbered from 1 without a gap, only ever go forward and never
// change once released.
struct Migration {
  int version;
  const char* name;  // of its file
  const char* sql;
};

// The files of migrations/, by version; they travel inside the program.
absl::Span<const Migration> EmbeddedMigrations();

// Where a database stands against the program.
struct MigrationStatus {
  struct Step {
    int version = 0;
    std::string name;
    std::optional<absl::Time> applied_time;
  };
  std::vector<Step> steps;   // of the program and of the database, by version
  int database_version = 0;  // 0: no step was applied yet
  int program_version = 0;

  bool up_to_date() const { return database_version == program_version; }
  // A newer release migrated the database. A release runs on the schema of the next one, but for
  // the steps docs/operations.md names, and must not migrate it.
  bool database_is_newer() const { return database_version > program_version; }
};

// Brings the schema `snapledger` of a database to the program's version. Each step is one
// transaction together with its row in snapledger.schema_migration; processes that migrate at once
// take turns by a row lock, so that each step runs once. Thread-safe.
class Migrator {
 public:
  explicit Migrator(std::string url, absl::Span<const Migration> migrations = EmbeddedMigrations());

  // Changes nothing. FAILED_PRECONDITION, naming the file, where an applied step is no longer the
  // one the program holds; UNAVAILABLE with the reason where the database cannot be reached.
  absl::StatusOr<MigrationStatus> Status() const;

  // Applies what is missing and returns where the database stands then. FAILED_PRECONDITION also
  // where the database is newer than the program. After an error the finished steps remain and the
  // failed one left nothing; repeating is safe.
  absl::StatusOr<MigrationStatus> Migrate() const;

 private:
  const std::string url_;
  const absl::Span<const Migration> migrations_;
};

}  // namespace snapledger::storage
