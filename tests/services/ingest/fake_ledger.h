#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/ledger.h"

namespace snapledger::ingest {

// Takes every append whose lanes are those in force.
class FakeLedger final : public storage::Ledger {
 public:
  absl::StatusOr<std::vector<storage::AppendedLot>> Append(
      absl::Span<const storage::NewLot> lots) override {
    if (before_append) before_append();
    for (const storage::NewLot& lot : lots) {
      if (lot.lane_epoch != lane_epoch) return storage::LanesChangedError();
    }
    for (const storage::NewLot& lot : lots) shards.push_back(lot.shard);
    return std::vector<storage::AppendedLot>(lots.size());
  }
  absl::StatusOr<std::vector<int32_t>> DueShards(absl::Span<const int32_t>) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<storage::ClaimResult> Claim(const storage::ClaimRequest&,
                                             storage::BatchComposer&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<std::optional<absl::Duration>> TakeTurn(int32_t, absl::Duration) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<storage::RecordResult> Record(const storage::RecordRequest&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<int> ReapLeases(int32_t) override { return absl::UnimplementedError(""); }

  std::function<void()> before_append;
  int64_t lane_epoch = 0;
  std::vector<int32_t> shards;
};

}  // namespace snapledger::ingest
