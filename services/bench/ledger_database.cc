#include "services/bench/ledger_database.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/bench/processor_time.h"
#include "storage/database_url.h"
#include "storage/embedded_cluster.h"
#include "storage/migrator.h"
#include "storage/transaction.h"

namespace snapledger::bench {
namespace {

using storage::Connection;
using storage::ConnectionPool;
using storage::Statement;

constexpr char kEmbeddedPrefix[] = "embedded:";

// What a session has from outside: ours turn synchronous_commit on by themselves.
constexpr Statement kUndurable = {
    "bench_undurable",
    "select name || '=' || reset_val from pg_settings"
    " where name in ('fsync', 'full_page_writes', 'synchronous_commit') and reset_val <> 'on'"
    " order by name"};
constexpr Statement kServer = {"bench_server",
                               "select current_setting('server_version'), pg_backend_pid()"};
constexpr Statement kWalBytes = {
    "bench_wal_bytes", "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::int8"};
constexpr Statement kLotCount = {"bench_lot_count",
                                 "select count(*) from snapledger.lot where first_position = 0"};
constexpr Statement kDeliveryTimes = {
    "bench_delivery_times",
    "select coalesce(percentile_disc(0.5) within group (order by ms), 0),"
    " coalesce(percentile_disc(0.95) within group (order by ms), 0),"
    " coalesce(percentile_disc(0.99) within group (order by ms), 0)"
    " from (select extract(epoch from recorded_time - sent_time)::float8 * 1000 as ms"
    " from snapledger.attempt where recorded_time is not null) attempts"};

constexpr Statement kDrift = {
    "bench_drift",
    "select coalesce(percentile_disc(0.5) within group (order by ms) filter (where tenth = 1), 0),"
    " coalesce(percentile_disc(0.5) within group (order by ms) filter (where tenth = 10), 0)"
    " from (select extract(epoch from recorded_time - sent_time)::float8 * 1000 as ms,"
    " ntile(10) over (order by sent_time) as tenth"
    " from snapledger.attempt where recorded_time is not null) attempts"};
// A session's own time limits would end it.
constexpr char kHold[] =
    "set idle_in_transaction_session_timeout = 0;"
    " begin isolation level repeatable read, read only; select count(*) from snapledger.shard";

// The parent of the backend we speak to, where that is a process of this machine.
pid_t ServerOf(pid_t backend) {
  if (!IsPostgres(backend)) return 0;
  const std::optional<ProcessTimes> times = ReadProcessTimes(backend);
  return times && IsPostgres(times->parent) ? times->parent : 0;
}

template <typename Read>
auto Ask(ConnectionPool& pool, const Statement& statement, Read read) {
  return storage::WithConnection(
      pool, [&](Connection& connection) { return read(connection.Execute(statement)); });
}

absl::StatusOr<int64_t> AskNumber(ConnectionPool& pool, const Statement& statement) {
  return Ask(pool, statement, [](const storage::Result& rows) { return rows.Int8(0, 0); });
}

absl::Status RunScript(ConnectionPool& pool, const std::string& script) {
  return storage::WithConnection(pool,
                                 [&](Connection& connection) {
                                   connection.ExecuteScript(script);
                                   return true;
                                 })
      .status();
}

}  // namespace

absl::Status CheckDurable(const std::string& url) {
  ConnectionPool pool({.connection = {.url = url}, .size_max = 1});
  SNAPLEDGER_RETURN_IF_ERROR(storage::TryConnect({.url = url}));
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::string undurable,
                              Ask(pool, kUndurable, [](const storage::Result& rows) {
                                std::string list;
                                for (int row = 0; row < rows.row_count(); ++row) {
                                  list += (row == 0 ? "" : ", ") + rows.Text(row, 0);
                                }
                                return list;
                              }));
  if (undurable.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(base::Concat(
      "the database runs with ", undurable,
      ": a commit may be lost in a crash, so nothing measured on it would be true. Set it to on"));
}

absl::StatusOr<std::unique_ptr<LedgerDatabase>> LedgerDatabase::Make(const std::string& setting) {
  std::unique_ptr<storage::EmbeddedCluster> cluster;
  std::string url = setting;
  std::string owner;
  absl::string_view directory = setting;
  if (absl::ConsumePrefix(&directory, kEmbeddedPrefix)) {
    SNAPLEDGER_ASSIGN_OR_RETURN(cluster,
                                storage::EmbeddedCluster::Start(std::string(directory), {}));
    url = cluster->administrator_url();
    owner = "snapledger";
  } else if (!absl::StartsWith(setting, "postgresql://") &&
             !absl::StartsWith(setting, "postgres://")) {
    return absl::InvalidArgumentError("--database must be embedded:DIR or postgresql://…");
  }
  std::unique_ptr<LedgerDatabase> made(new LedgerDatabase(url));
  made->url_ = cluster == nullptr ? url : cluster->url();
  made->cluster_ = std::move(cluster);
  SNAPLEDGER_RETURN_IF_ERROR(CheckDurable(made->url_));
  SNAPLEDGER_RETURN_IF_ERROR(made->Create(owner));
  return made;
}

LedgerDatabase::LedgerDatabase(std::string administrator_url)
    : administrator_({.connection = {.url = std::move(administrator_url)}, .size_max = 1}) {}

LedgerDatabase::~LedgerDatabase() {
  held_.reset();
  pool_.reset();
  if (name_.empty()) return;
  RunScript(administrator_, "drop database if exists " + name_ + " with (force)").IgnoreError();
}

absl::Status LedgerDatabase::Create(const std::string& owner) {
  const std::string name = base::Concat("snapledger_bench_", getpid());
  SNAPLEDGER_RETURN_IF_ERROR(
      RunScript(administrator_, base::Concat("create database ", name, " template template0",
                                             owner.empty() ? "" : " owner " + owner)));
  name_ = name;
  url_ = storage::WithDatabase(url_, name);
  SNAPLEDGER_RETURN_IF_ERROR(storage::Migrator(url_).Migrate().status());
  pool_ = std::make_unique<ConnectionPool>(
      ConnectionPool::Options{.connection = {.url = url_}, .size_max = 1});
  return Ask(*pool_, kServer,
             [this](const storage::Result& rows) {
               server_version_ = rows.Text(0, 0);
               server_pid_ = ServerOf(rows.Int4(0, 1));
               return true;
             })
      .status();
}

absl::StatusOr<int64_t> LedgerDatabase::WalBytes() { return AskNumber(*pool_, kWalBytes); }

absl::Status LedgerDatabase::Checkpoint() { return RunScript(administrator_, "checkpoint"); }

absl::StatusOr<int64_t> LedgerDatabase::LotCount() { return AskNumber(*pool_, kLotCount); }

absl::StatusOr<DeliveryDrift> LedgerDatabase::Drift() {
  return Ask(*pool_, kDrift, [](const storage::Result& rows) {
    return DeliveryDrift{rows.Float8(0, 0), rows.Float8(0, 1)};
  });
}

absl::Status LedgerDatabase::HoldSnapshot() {
  return storage::WithConnection(
             *pool_,
             [this](Connection&) {
               held_ = std::make_unique<Connection>(storage::ConnectionOptions{.url = url_});
               held_->ExecuteScript(kHold);
               return true;
             })
      .status();
}

absl::StatusOr<Percentiles> LedgerDatabase::DeliveryTimes() {
  return Ask(*pool_, kDeliveryTimes, [](const storage::Result& rows) {
    return Percentiles{rows.Float8(0, 0), rows.Float8(0, 1), rows.Float8(0, 2)};
  });
}

}  // namespace snapledger::bench
