#pragma once

#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/connection.h"
#include "storage/pool.h"
#include "storage/sql_error.h"

namespace snapledger::storage {

inline constexpr int kTransactionTriesMax = 5;

enum class TransactionKind { kReadWrite, kSnapshot };

// The only place that catches: runs `body(Connection&)` and turns SqlError into a Status, and
// StatusError into the one it carries. Repeats it where the database says that two transactions met.
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

// The same inside begin and commit. kSnapshot reads one state of the database and changes nothing.
// When `body` throws, nothing it did remains; the connection is closed with its transaction.
template <typename Body>
auto RunTransaction(ConnectionPool& pool, TransactionKind kind, Body body)
    -> absl::StatusOr<std::invoke_result_t<Body, Connection&>> {
  return WithConnection(pool, [&](Connection& connection) {
    connection.ExecuteScript(kind == TransactionKind::kSnapshot
                                 ? "begin isolation level repeatable read, read only"
                                 : "begin");
    try {
      auto result = body(connection);
      connection.ExecuteScript("commit");
      return result;
    } catch (const StatusError&) {
      connection.ExecuteScript("rollback");
      throw;
    } catch (const SqlError& error) {
      if (!error.connection_broken()) connection.ExecuteScript("rollback");
      throw;
    }
  });
}

}  // namespace snapledger::storage
