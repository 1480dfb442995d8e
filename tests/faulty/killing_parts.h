#pragma once

#include "services/snap/client.h"
#include "storage/ledger.h"
#include "tests/faulty/kill_switch.h"

namespace snapledger::faulty {

// A ledger that passes the points of a kill switch. A claim that gave no batch, a turn that was not
// given and a reaping that found nothing pass no "after". Thread-safe.
class KillingLedger final : public storage::Ledger {
 public:
  // The arguments must outlive this.
  KillingLedger(storage::Ledger& ledger, KillSwitch& kill) : ledger_(ledger), kill_(kill) {}

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
  storage::Ledger& ledger_;
  KillSwitch& kill_;
};

// A client of Snap that passes the points of a kill switch. Thread-safe.
class KillingSnapClient final : public snap::SnapClient {
 public:
  // The arguments must outlive this.
  KillingSnapClient(snap::SnapClient& snap, KillSwitch& kill) : snap_(snap), kill_(kill) {}

  snap::SnapReply Send(const snap::SnapRequest& request) override;

 private:
  snap::SnapClient& snap_;
  KillSwitch& kill_;
};

}  // namespace snapledger::faulty
