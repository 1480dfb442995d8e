#include "storage/migrator.h"

#include <openssl/evp.h>

#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kHasSchema = {"migration_has_schema",
                                  "select to_regnamespace('snapledger') is not null,"
                                  " to_regclass('snapledger.schema_migration') is not null"};

constexpr Statement kTakeTurn = {"migration_take_turn",
                                 "select id from snapledger.schema_lock where id = 1 for update"};

constexpr Statement kListSteps = {
    "migration_list_steps",
    "select version, name, checksum, applied_time from snapledger.schema_migration"
    " order by version"};

constexpr Statement kInsertStep = {
    "migration_insert_step",
    "insert into snapledger.schema_migration (version, name, checksum) values ($1, $2, $3)"};

constexpr char kCreateSchema[] = "create schema if not exists snapledger";

constexpr char kCreateBooks[] =
    "create table if not exists snapledger.schema_migration ("
    "  version int primary key,"
    "  name text not null,"
    "  checksum text not null,"
    "  applied_time timestamptz not null default now());"
    "create table if not exists snapledger.schema_lock (id int primary key check (id = 1));"
    "insert into snapledger.schema_lock values (1) on conflict do nothing";

// A step may take long, and so may the wait for the process whose turn it is. A step itself must
// not queue for a table behind a long query: everybody else would queue behind it.
constexpr char kLimitsOfWait[] =
    "set local search_path = snapledger; set local statement_timeout = '1h';"
    "set local lock_timeout = '1h'";
constexpr char kLimitsOfStep[] = "set local lock_timeout = '30s'";

constexpr int kBootstrapTriesMax = 5;

struct AppliedStep {
  std::string name;
  std::string checksum;
  absl::Time applied_time;
};
using AppliedSteps = std::map<int, AppliedStep>;

std::string Checksum(std::string_view sql) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(sql.data(), sql.size(), digest, &size, EVP_sha256(), nullptr);
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest), size});
}

ConnectionPool::Options PoolOf(const std::string& url) {
  // Statements run once each; a schema change would make prepared ones stale.
  return {.connection = {.url = url, .prepared_statements = false}, .size_max = 1};
}

AppliedSteps ReadSteps(Connection& connection) {
  const Result rows = connection.Execute(kListSteps);
  AppliedSteps steps;
  for (int row = 0; row < rows.row_count(); ++row) {
    steps[rows.Int4(row, 0)] = {rows.Text(row, 1), rows.Text(row, 2), rows.Time(row, 3)};
  }
  return steps;
}

absl::Status CheckDrift(const Migration& migration, const AppliedStep& applied) {
  if (applied.checksum == Checksum(migration.sql)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("migration ", migration.name, " is not the one this database was given (as ",
                   applied.name, "); a released migration must never change"));
}

absl::Status CheckNotNewer(const AppliedSteps& applied, absl::Span<const Migration> migrations) {
  const int program_version = migrations.empty() ? 0 : migrations.back().version;
  if (applied.empty() || applied.rbegin()->first <= program_version) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the database is at migration ", applied.rbegin()->second.name,
                   ", this program knows ", program_version, "; use the newer release"));
}

absl::StatusOr<MigrationStatus> MakeStatus(const AppliedSteps& applied,
                                           absl::Span<const Migration> migrations) {
  MigrationStatus status;
  for (const Migration& migration : migrations) {
    status.program_version = migration.version;
    status.steps.push_back({migration.version, migration.name, std::nullopt});
    const auto step = applied.find(migration.version);
    if (step == applied.end()) continue;
    if (absl::Status drift = CheckDrift(migration, step->second); !drift.ok()) return drift;
    status.steps.back().applied_time = step->second.applied_time;
  }
  for (const auto& [version, step] : applied) {
    status.database_version = version;
    if (version > status.program_version) {
      status.steps.push_back({version, step.name, step.applied_time});
    }
  }
  return status;
}

// Two processes that create the same thing at once collide on the catalog's unique keys, even with
// "if not exists"; the one that lost finds everything there at its next try.
bool LostRace(const SqlError& error) {
  const std::string& code = error.sqlstate();
  return error.unique_violation() || code == "42P06" || code == "42P07" || code == "42710";
}

// True where the bookkeeping tables are there; false where another process was just making them.
absl::StatusOr<bool> TryBootstrap(ConnectionPool& pool) {
  return RunTransaction(pool, TransactionKind::kReadWrite, [](Connection& connection) {
    const Result found = connection.Execute(kHasSchema);
    if (found.Bool(0, 1)) return true;
    try {
      // Asked for only where it is missing: a role may be let into a schema made by another.
      if (!found.Bool(0, 0)) connection.ExecuteScript(kCreateSchema);
      connection.ExecuteScript(kCreateBooks);
    } catch (const SqlError& error) {
      if (!LostRace(error)) throw;
      throw StatusError(absl::AlreadyExistsError("lost a race"));
    }
    return true;
  });
}

absl::Status Bootstrap(ConnectionPool& pool) {
  absl::Status status;
  for (int attempt = 0; attempt < kBootstrapTriesMax; ++attempt) {
    status = TryBootstrap(pool).status();
    if (!absl::IsAlreadyExists(status)) break;
  }
  return status;
}

// Applies the first step that is missing. False where none is.
bool ApplyNext(Connection& connection, absl::Span<const Migration> migrations) {
  connection.ExecuteScript(kLimitsOfWait);
  connection.Execute(kTakeTurn);
  connection.ExecuteScript(kLimitsOfStep);
  const AppliedSteps applied = ReadSteps(connection);
  if (absl::Status newer = CheckNotNewer(applied, migrations); !newer.ok()) {
    throw StatusError(newer);
  }
  absl::StatusOr<MigrationStatus> status = MakeStatus(applied, migrations);
  if (!status.ok()) throw StatusError(status.status());
  for (const Migration& migration : migrations) {
    if (applied.contains(migration.version)) continue;
    try {
      connection.ExecuteScript(migration.sql);
    } catch (const SqlError& error) {
      if (error.connection_broken() || error.transient()) throw;
      throw StatusError(absl::InternalError(
          absl::StrCat("migration ", migration.name, ": ", error.sqlstate(), " ", error.what())));
    }
    connection.Execute(
        kInsertStep,
        Parameters().Int4(migration.version).Text(migration.name).Text(Checksum(migration.sql)));
    return true;
  }
  return false;
}

}  // namespace

Migrator::Migrator(std::string url, absl::Span<const Migration> migrations)
    : url_(std::move(url)), migrations_(migrations) {}

absl::StatusOr<MigrationStatus> Migrator::Status() const {
  ConnectionPool pool(PoolOf(url_));
  if (absl::Status reached = TryConnect(PoolOf(url_).connection); !reached.ok()) return reached;
  absl::StatusOr<AppliedSteps> applied =
      RunTransaction(pool, TransactionKind::kSnapshot, [](Connection& connection) {
        if (!connection.Execute(kHasSchema).Bool(0, 1)) return AppliedSteps();
        return ReadSteps(connection);
      });
  if (!applied.ok()) return applied.status();
  return MakeStatus(*applied, migrations_);
}

absl::StatusOr<MigrationStatus> Migrator::Migrate() const {
  ConnectionPool pool(PoolOf(url_));
  if (absl::Status reached = TryConnect(PoolOf(url_).connection); !reached.ok()) return reached;
  if (absl::Status made = Bootstrap(pool); !made.ok()) return made;
  for (;;) {
    absl::StatusOr<bool> applied = RunTransaction(
        pool, TransactionKind::kReadWrite,
        [this](Connection& connection) { return ApplyNext(connection, migrations_); });
    if (!applied.ok()) return applied.status();
    if (!*applied) return Status();
  }
}

}  // namespace snapledger::storage
