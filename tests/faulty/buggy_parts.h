#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/base/secret.h"
#include "services/snap/client.h"
#include "storage/ledger.h"
#include "tests/faulty/damage.h"
#include "tests/faulty/planted_bug.h"

namespace snapledger::faulty {

// A ledger with one planted bug. What the interface does not let go wrong is made wrong beside it,
// in the database. Thread-safe.
class BuggyLedger final : public storage::Ledger {
 public:
  // `ledger` must outlive this.
  BuggyLedger(storage::Ledger& ledger, PlantedBug bug, const std::string& database_url)
      : ledger_(ledger), bug_(bug), damage_(database_url) {}

  absl::StatusOr<std::vector<storage::AppendedLot>> Append(
      absl::Span<const storage::NewLot> lots) override;
  absl::StatusOr<std::vector<int32_t>> DueShards(absl::Span<const int32_t> shards) override;
  absl::StatusOr<storage::ClaimResult> Claim(const storage::ClaimRequest& request,
                                             storage::BatchComposer& composer) override;
  absl::StatusOr<std::optional<absl::Duration>> TakeTurn(int32_t shard,
                                                         absl::Duration send_interval) override;
  absl::StatusOr<storage::RecordResult> Record(const storage::RecordRequest& request) override;
  absl::StatusOr<int> ReapLeases(int32_t shard) override;

 private:
  storage::RecordRequest Misread(const storage::RecordRequest& request);
  // True the first time only.
  bool Once() { return !done_.exchange(true); }

  storage::Ledger& ledger_;
  const PlantedBug bug_;
  Damage damage_;
  std::atomic<int> appends_{0};
  std::atomic<bool> done_{false};
};

// A client of Snap with one planted bug. Thread-safe.
class BuggySnapClient final : public snap::SnapClient {
 public:
  // `snap` must outlive this.
  BuggySnapClient(snap::SnapClient& snap, PlantedBug bug) : snap_(snap), bug_(bug) {}

  snap::SnapReply Send(const snap::SnapRequest& request) override;

 private:
  base::Secret TokenFor(const snap::SnapRequest& request);

  snap::SnapClient& snap_;
  const PlantedBug bug_;
  absl::Mutex mutex_;
  base::Secret first_token_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::faulty
