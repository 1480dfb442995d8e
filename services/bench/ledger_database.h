#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/bench/report.h"
#include "storage/pool.h"

namespace snapledger::storage {
class EmbeddedCluster;
}

namespace snapledger::bench {

// FAILED_PRECONDITION, naming the setting, where a commit on this database would not survive a
// crash: fsync, full_page_writes or synchronous_commit is not `on`.
absl::Status CheckDurable(const std::string& url);

// A migrated database made for one run on a cluster, and dropped when this ends.
class LedgerDatabase {
 public:
  // `setting`: postgresql://… of a role that may create databases, or embedded:DIR.
  // FAILED_PRECONDITION as CheckDurable; INVALID_ARGUMENT for another setting.
  static absl::StatusOr<std::unique_ptr<LedgerDatabase>> Make(const std::string& setting);
  LedgerDatabase(const LedgerDatabase&) = delete;
  LedgerDatabase& operator=(const LedgerDatabase&) = delete;
  ~LedgerDatabase();

  const std::string& url() const { return url_; }
  const std::string& server_version() const { return server_version_; }
  // The server that all backends are children of; 0 where it is not on this machine.
  pid_t server_pid() const { return server_pid_; }

  // Bytes of WAL the cluster has written so far.
  absl::StatusOr<int64_t> WalBytes();
  absl::Status Checkpoint();
  // Lots as intake made them, and the time from a claim to its recorded outcome.
  absl::StatusOr<int64_t> LotCount();
  absl::StatusOr<Percentiles> DeliveryTimes();
  // Medians of the first and the last tenth of the attempts.
  absl::StatusOr<DeliveryDrift> Drift();
  // Begins a transaction that has read and stays open until this ends.
  absl::Status HoldSnapshot();

 private:
  explicit LedgerDatabase(std::string administrator_url);
  absl::Status Create(const std::string& owner);

  std::unique_ptr<storage::EmbeddedCluster> cluster_;
  storage::ConnectionPool administrator_;
  std::string url_;
  std::string name_;
  std::unique_ptr<storage::ConnectionPool> pool_;
  std::unique_ptr<storage::Connection> held_;
  std::string server_version_;
  pid_t server_pid_ = 0;
};

}  // namespace snapledger::bench
