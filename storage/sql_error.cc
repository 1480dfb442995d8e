#include "storage/sql_error.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace snapledger::storage {

bool SqlError::connection_broken() const {
  // 25P03: the server ended the session because its transaction stood still.
  return sqlstate_.empty() || sqlstate_ == "25P03" || absl::StartsWith(sqlstate_, "08") ||
         absl::StartsWith(sqlstate_, "57P");
}

absl::Status SqlError::ToStatus() const {
  if (connection_broken()) {
    return absl::UnavailableError("the database cannot be reached; repeating is safe");
  }
  if (transient()) return absl::AbortedError("the transaction met another one");
  // A full disk and too many connections (class 53) pass; what is durable stays.
  if (absl::StartsWith(sqlstate_, "53")) {
    return absl::UnavailableError(absl::StrCat("the database has no room: ", what()));
  }
  if (sqlstate_ == "57014") return absl::DeadlineExceededError("the database took too long");
  if (sqlstate_ == "55P03") return absl::UnavailableError("the database is busy");
  if (sqlstate_ == "25006") return absl::UnavailableError("the database is read-only");
  if (unique_violation()) return absl::AlreadyExistsError("the row exists");
  if (sqlstate_ == "42P01" || sqlstate_ == "42703" || sqlstate_ == "3F000") {
    return absl::FailedPreconditionError(
        "the database's schema is not this program's; run `snapledger migrate`");
  }
  return absl::InternalError(absl::StrCat("database error ", sqlstate_, ": ", what()));
}

}  // namespace snapledger::storage
