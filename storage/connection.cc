#include "storage/connection.h"

#include <libpq-fe.h>

#include <numeric>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/sql_error.h"

namespace snapledger::storage {
namespace {

constexpr int kBinary = 1;
// Above what a commit of intake sends: a lot's events have at most 2 MiB, before compression.
constexpr int64_t kBloatingBytes = 2 << 20;

std::optional<SqlError> ErrorOf(const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
      return std::nullopt;
    default:
      break;
  }
  const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  // The primary message only: the detail of a constraint error repeats values.
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return SqlError(sqlstate == nullptr ? "" : sqlstate,
                  message == nullptr ? "the connection broke" : message);
}

Result Checked(PGresult* raw) {
  Result result(raw);
  if (const std::optional<SqlError> error = ErrorOf(raw)) throw *error;
  return result;
}

void IgnoreNotice(void*, const PGresult*) {}

// What is acknowledged is durable, whatever the server or the role has as its default. Stronger
// settings stay.
constexpr char kDurableCommits[] =
    "select set_config('synchronous_commit', 'on', false)"
    " where current_setting('synchronous_commit') = 'off'";

// Servers since 14 report these by themselves whenever they change.
bool TakesNoWrites(const PGconn* connection) {
  for (const char* const setting : {"in_hot_standby", "default_transaction_read_only"}) {
    const char* const value = PQparameterStatus(connection, setting);
    if (value != nullptr && std::string_view(value) == "on") return true;
  }
  return false;
}

}  // namespace

void Connection::Finish::operator()(PGconn* connection) const { PQfinish(connection); }

Connection::Connection(const ConnectionOptions& options)
    : prepared_statements_(options.prepared_statements),
      renews_plans_(options.generic_plans && options.prepared_statements),
      plans_age_max_(options.plans_age_max),
      plans_time_(absl::Now()) {
  // The time limits bound how long any transaction lasts: watching and folding rely on it.
  // A host that vanished is noticed within half a minute, whether bytes were on their way or not.
  const char* const keywords[] = {"dbname",           "application_name",
                                  "connect_timeout",  "client_encoding",
                                  "keepalives_idle",  "keepalives_interval",
                                  "keepalives_count", "tcp_user_timeout",
                                  "options",          nullptr};
  const std::string session = absl::StrCat(
      "-c search_path=snapledger -c statement_timeout=15000 -c lock_timeout=5000"
      " -c idle_in_transaction_session_timeout=15000 -c timezone=UTC",
      options.generic_plans ? " -c plan_cache_mode=force_generic_plan" : "");
  const char* const values[] = {
      options.url.c_str(), "snapledger", "5", "UTF8", "10", "5", "3", "20000",
      session.c_str(),     nullptr};
  connection_.reset(PQconnectdbParams(keywords, values, /*expand_dbname=*/1));
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    // libpq's own text names host and reason, never the password.
    throw SqlError("08001", PQerrorMessage(connection_.get()));
  }
  PQsetNoticeReceiver(connection_.get(), IgnoreNotice, nullptr);
  ExecuteScript(kDurableCommits);
}

void Connection::RenewPlans() {
  if (!renews_plans_ || absl::Now() - plans_time_ < plans_age_max_) return;
  ExecuteScript("discard plans");
  plans_time_ = absl::Now();
}

bool Connection::broken() const {
  return PQstatus(connection_.get()) != CONNECTION_OK ||
         PQpipelineStatus(connection_.get()) != PQ_PIPELINE_OFF ||
         PQtransactionStatus(connection_.get()) != PQTRANS_IDLE || TakesNoWrites(connection_.get());
}

void Connection::ThrowConnectionError() const {
  throw SqlError("", PQerrorMessage(connection_.get()));
}

void Connection::EnsurePrepared(const Statement& statement, const Parameters& parameters) {
  if (!prepared_statements_ || prepared_.contains(statement.name)) return;
  Checked(PQprepare(connection_.get(), statement.name, statement.text, parameters.count(),
                    parameters.types().data()));
  prepared_.insert(statement.name);
}

void Connection::Send(const Statement& statement, const Parameters& parameters) {
  const std::vector<const char*> pointers = parameters.pointers();
  const std::vector<int> lengths = parameters.lengths();
  bloated_ |= std::accumulate(lengths.begin(), lengths.end(), int64_t{0}) > kBloatingBytes;
  const std::vector<int> formats(pointers.size(), kBinary);
  const int sent =
      prepared_statements_
          ? PQsendQueryPrepared(connection_.get(), statement.name, parameters.count(),
                                pointers.data(), lengths.data(), formats.data(), kBinary)
          : PQsendQueryParams(connection_.get(), statement.text, parameters.count(),
                              parameters.types().data(), pointers.data(), lengths.data(),
                              formats.data(), kBinary);
  if (sent != 1) ThrowConnectionError();
}

Result Connection::Execute(const Statement& statement, const Parameters& parameters) {
  EnsurePrepared(statement, parameters);
  Send(statement, parameters);
  PGresult* first = PQgetResult(connection_.get());
  if (first == nullptr) ThrowConnectionError();
  Result result(first);
  while (PGresult* rest = PQgetResult(connection_.get())) PQclear(rest);
  if (const std::optional<SqlError> error = ErrorOf(first)) throw *error;
  return result;
}

std::vector<Result> Connection::ExecutePipeline(absl::Span<const Call> calls) {
  for (const Call& call : calls) EnsurePrepared(*call.statement, call.parameters);
  if (PQenterPipelineMode(connection_.get()) != 1) ThrowConnectionError();
  for (const Call& call : calls) Send(*call.statement, call.parameters);
  if (PQpipelineSync(connection_.get()) != 1) ThrowConnectionError();
  return CollectPipeline(calls.size());
}

std::vector<Result> Connection::CollectPipeline(size_t call_count) {
  std::vector<Result> results;
  std::optional<SqlError> first_error;
  for (size_t i = 0; i < call_count; ++i) {
    PGresult* raw = PQgetResult(connection_.get());
    if (raw == nullptr) ThrowConnectionError();
    results.emplace_back(raw);
    // After the first error the rest of the pipeline is only marked as aborted.
    if (!first_error.has_value()) first_error = ErrorOf(raw);
    while (PGresult* rest = PQgetResult(connection_.get())) PQclear(rest);
    if (PQstatus(connection_.get()) != CONNECTION_OK) ThrowConnectionError();
  }
  PGresult* sync = PQgetResult(connection_.get());
  const bool synced = sync != nullptr && PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
  std::optional<SqlError> sync_error;
  if (!synced && sync != nullptr) sync_error = ErrorOf(sync);
  PQclear(sync);
  if (first_error.has_value()) {
    if (synced) PQexitPipelineMode(connection_.get());
    throw *first_error;
  }
  if (sync_error.has_value()) throw *sync_error;
  if (!synced || PQexitPipelineMode(connection_.get()) != 1) ThrowConnectionError();
  return results;
}

void Connection::ExecuteScript(const std::string& script) {
  PGresult* raw = PQexec(connection_.get(), script.c_str());
  if (raw == nullptr) ThrowConnectionError();
  Checked(raw);
}

}  // namespace snapledger::storage
