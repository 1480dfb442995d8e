#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "absl/status/status.h"

namespace snapledger::storage {

// What PostgreSQL or the connection to it said. Thrown by Connection, caught in transaction.h; it
// never leaves storage.
class SqlError : public std::runtime_error {
 public:
  SqlError(std::string sqlstate, const std::string& message)
      : std::runtime_error(message), sqlstate_(std::move(sqlstate)) {}

  // Five characters; empty where the connection broke.
  const std::string& sqlstate() const { return sqlstate_; }
  bool connection_broken() const;
  // Serialization failure or deadlock: the transaction may simply be run again.
  bool transient() const { return sqlstate_ == "40001" || sqlstate_ == "40P01"; }
  bool unique_violation() const { return sqlstate_ == "23505"; }

  // The one place where PostgreSQL's codes become ours.
  absl::Status ToStatus() const;

 private:
  std::string sqlstate_;
};

// Ends a transaction without effect and becomes the call's result: for outcomes that are no fault
// of the database, such as NOT_FOUND.
class StatusError : public std::exception {
 public:
  explicit StatusError(absl::Status status) : status_(std::move(status)) {}
  const absl::Status& status() const { return status_; }

 private:
  absl::Status status_;
};

}  // namespace snapledger::storage
