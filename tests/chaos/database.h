#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/embedded_cluster.h"
#include "tests/support/cluster_guard.h"

namespace snapledger::chaos {

// A PostgreSQL cluster of the run's own, with durable settings and the current schema. Where this
// process may mount, it lies on a file system of its own in memory, which can be filled; that
// outlives every process, as a disk would. Thread-safe.
class Database {
 public:
  // Throws std::runtime_error where it cannot be made.
  Database(const std::string& folder, int64_t bytes_max);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // When this ends, the stopped cluster stays in its folder.
  void Keep() { kept_ = true; }

  // By the server's unix socket: for those who are not to be disturbed.
  std::string url() const { return cluster_->url(); }
  std::string administrator_url() const { return cluster_->administrator_url(); }
  // What a relay connects to.
  std::string socket() const;

  // Sends the postmaster a signal.
  void SignalServer(int signal) const;
  // Until it has ended by itself. False: not within the time.
  bool AwaitServerEnd(absl::Duration time_max) const;
  // Starts the server where it has ended, and tries again until it is up or the time is over.
  bool Restart(absl::Duration time_max);

  // Why it cannot be filled; empty where it can.
  const std::string& why_not_fillable() const { return why_not_fillable_; }
  // Takes all of the space there is, and gives it back.
  bool Fill() const;
  void MakeRoom() const;

 private:
  void Mount(int64_t bytes_max);
  void CopyAndUnmount();
  std::string balloon() const { return folder_ + "/balloon"; }

  const std::string folder_;
  std::string why_not_fillable_;
  std::atomic<bool> kept_ = false;
  std::unique_ptr<storage::EmbeddedCluster> cluster_;
  std::unique_ptr<support::ClusterGuard> guard_;
};

}  // namespace snapledger::chaos
