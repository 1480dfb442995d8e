#include "storage/pool.h"

#include "storage/sql_error.h"

namespace snapledger::storage {

ConnectionPool::Lease::~Lease() {
  if (connection_ != nullptr) pool_->Return(std::move(connection_));
}

std::unique_ptr<Connection> ConnectionPool::TakeIdle() {
  absl::MutexLock lock(&mutex_);
  if (!mutex_.AwaitWithTimeout(absl::Condition(this, &ConnectionPool::HasRoom),
                               options_.wait_max)) {
    throw SqlError("53300", "all connections to the database are in use");
  }
  if (idle_.empty()) {
    ++open_count_;
    return nullptr;
  }
  std::unique_ptr<Connection> connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

ConnectionPool::Lease ConnectionPool::Take() {
  if (std::unique_ptr<Connection> idle = TakeIdle(); idle != nullptr) {
    Lease lease(this, std::move(idle));
    lease->RenewPlans();
    return lease;
  }
  try {
    return {this, std::make_unique<Connection>(options_.connection)};
  } catch (...) {
    absl::MutexLock lock(&mutex_);
    --open_count_;
    throw;
  }
}

void ConnectionPool::Return(std::unique_ptr<Connection> connection) {
  absl::MutexLock lock(&mutex_);
  if (connection->broken()) {
    --open_count_;
    // A server that restarted has broken the idle ones as well.
    open_count_ -= static_cast<int>(idle_.size());
    idle_.clear();
    return;
  }
  if (connection->bloated()) {
    --open_count_;
    return;
  }
  idle_.push_back(std::move(connection));
}

}  // namespace snapledger::storage
