#include "tests/faulty/killing_parts.h"

namespace snapledger::faulty {
namespace {

class KillingComposer final : public storage::BatchComposer {
 public:
  KillingComposer(storage::BatchComposer& composer, KillSwitch& kill)
      : composer_(composer), kill_(kill) {}

  absl::StatusOr<storage::ComposedBatch> Compose(const std::vector<storage::ClaimedSlice>& slices,
                                                 absl::Time database_now) override {
    absl::StatusOr<storage::ComposedBatch> composed = composer_.Compose(slices, database_now);
    kill_.Pass(KillPoint::kWithinClaim);
    return composed;
  }

 private:
  storage::BatchComposer& composer_;
  KillSwitch& kill_;
};

}  // namespace

absl::StatusOr<std::vector<storage::AppendedLot>> KillingLedger::Append(
    absl::Span<const storage::NewLot> lots) {
  kill_.Pass(KillPoint::kBeforeAppend);
  auto appended = ledger_.Append(lots);
  if (appended.ok()) kill_.Pass(KillPoint::kAfterAppend);
  return appended;
}

absl::StatusOr<std::vector<int32_t>> KillingLedger::DueShards(absl::Span<const int32_t> shards) {
  return ledger_.DueShards(shards);
}

absl::StatusOr<storage::ClaimResult> KillingLedger::Claim(const storage::ClaimRequest& request,
                                                          storage::BatchComposer& composer) {
  kill_.Pass(KillPoint::kBeforeClaim);
  KillingComposer killing(composer, kill_);
  auto claimed = ledger_.Claim(request, killing);
  if (claimed.ok() && claimed->kind == storage::ClaimResult::Kind::kBatch) {
    kill_.Pass(KillPoint::kAfterClaim);
  }
  return claimed;
}

absl::StatusOr<std::optional<absl::Duration>> KillingLedger::TakeTurn(
    int32_t shard, absl::Duration send_interval) {
  kill_.Pass(KillPoint::kBeforeTakeTurn);
  auto turn = ledger_.TakeTurn(shard, send_interval);
  if (turn.ok() && turn->has_value()) kill_.Pass(KillPoint::kAfterTakeTurn);
  return turn;
}

absl::StatusOr<storage::RecordResult> KillingLedger::Record(const storage::RecordRequest& request) {
  kill_.Pass(KillPoint::kBeforeRecord);
  auto recorded = ledger_.Record(request);
  if (!recorded.ok()) return recorded;
  kill_.Pass(KillPoint::kAfterRecord);
  if (request.outcome == storage::AttemptOutcome::kUnknown) {
    kill_.Pass(KillPoint::kAfterRecordDoubt);
  }
  return recorded;
}

absl::StatusOr<int> KillingLedger::ReapLeases(int32_t shard) {
  kill_.Pass(KillPoint::kBeforeReapLeases);
  auto reaped = ledger_.ReapLeases(shard);
  if (reaped.ok() && *reaped > 0) kill_.Pass(KillPoint::kAfterReapLeases);
  return reaped;
}

snap::SnapReply KillingSnapClient::Send(const snap::SnapRequest& request) {
  const bool events = request.endpoint == snap::SnapRequest::Endpoint::kEvents;
  kill_.Pass(events ? KillPoint::kBeforeSendEvents : KillPoint::kBeforeSendValidation);
  snap::SnapReply reply = snap_.Send(request);
  kill_.Pass(events ? KillPoint::kAfterSendEvents : KillPoint::kAfterSendValidation);
  return reply;
}

}  // namespace snapledger::faulty
