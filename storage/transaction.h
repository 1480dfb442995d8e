#pragma once

#include <chrono>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/connection.h"
#include "storage/pool.h"
#include "storage/sql_error.h"

namespace snapledger::storage {

inline constexpr int kTransactionTriesMax = 5;

enum class TransactionKind { kReadWrite, kSnapshot };

// Opens a connection and closes it again: UNAVAILABLE with the server's or libpq's own reason, for
// those who set a deployment up. Callers of the service must not see that text: it names the host.
absl::Status TryConnect(const ConnectionOptions& options);

// The only place that catches: runs `body(Connection&)` and turns SqlError into a Status, and
// StatusError into the one it carries. Repeats it where the database says that two transactions
// met.
template <typename Body>
auto WithConnection(ConnectionPool& pool, Body body)
    -> absl::StatusOr<std::invoke_result_t<Body, Connection&>> {
  for (int attempt = 1;; ++attempt) {
    try {
      ConnectionPool::Lease connection = pool.Take();
      return body(*connection);
    } catch (const SqlError& error) {
      if (error.transient() && attempt < kTransactionTriesMax) continue;
      return error.ToStatus();
    } catch (const StatusError& error) {
      return error.status();
    }
  }
}

// What the body of a transaction gives: its value, and whether what it wrote stays.
template <typename Value>
struct Finish {
  Value value;
  bool commit = true;
};

// What lasts longer is rolled back: statements have time limits each, and counting and watching
// rely on one for the whole (kTransactionTimeMax, change_store.h).
inline constexpr std::chrono::seconds kCommitWithin{60};

// Runs `body() -> Finish<Value>` between `begin` and commit or rollback on a connection. When it
// throws, nothing it did remains.
template <typename Body>
auto InTransaction(Connection& connection, const char* begin, Body body) {
  connection.ExecuteScript(begin);
  const auto begun = std::chrono::steady_clock::now();
  try {
    auto finish = body();
    if (std::chrono::steady_clock::now() - begun > kCommitWithin) {
      throw StatusError(absl::UnavailableError("the database took too long: nothing was changed"));
    }
    connection.ExecuteScript(finish.commit ? "commit" : "rollback");
    return std::move(finish.value);
  } catch (const StatusError&) {
    connection.ExecuteScript("rollback");
    throw;
  } catch (const SqlError& error) {
    if (!error.connection_broken()) connection.ExecuteScript("rollback");
    throw;
  }
}

// A whole transaction on a connection of the pool; `body(Connection&)` gives the value. kSnapshot
// reads one state of the database and changes nothing.
template <typename Body>
auto RunTransaction(ConnectionPool& pool, TransactionKind kind, Body body)
    -> absl::StatusOr<std::invoke_result_t<Body, Connection&>> {
  const char* const begin = kind == TransactionKind::kSnapshot
                                ? "begin isolation level repeatable read, read only"
                                : "begin";
  using Value = std::invoke_result_t<Body, Connection&>;
  return WithConnection(pool, [&](Connection& connection) {
    return InTransaction(connection, begin, [&] { return Finish<Value>{body(connection)}; });
  });
}

}  // namespace snapledger::storage
