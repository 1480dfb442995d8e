#pragma once

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/connection.h"

namespace snapledger::storage {

// A bounded set of connections, opened when first needed; one that bloated is closed after its use.
// Thread-safe.
class ConnectionPool {
 public:
  struct Options {
    ConnectionOptions connection;
    int size_max = 8;
    absl::Duration wait_max = absl::Seconds(5);  // for a free connection
  };

  explicit ConnectionPool(Options options) : options_(std::move(options)) {}

  // A connection on loan; it goes back when this ends, or is closed where it broke
  // or bloated.
  class Lease {
   public:
    Lease(ConnectionPool* pool, std::unique_ptr<Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    Lease(Lease&&) = default;
    ~Lease();
    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }

   private:
    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Throws SqlError: no connection became free in time, or none could be opened.
  Lease Take();

 private:
  // nullptr: there is room for one more, which is the caller's to open. Throws as Take.
  std::unique_ptr<Connection> TakeIdle();
  void Return(std::unique_ptr<Connection> connection);
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !idle_.empty() || open_count_ < options_.size_max;
  }

  const Options options_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
  int open_count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace snapledger::storage
