#include "tests/simulation/simulated_ledger.h"

namespace snapledger::simulation {
namespace {

absl::Status Unavailable() { return absl::UnavailableError("the database is away"); }

// What a claim that is rolled back would have given.
class RolledBack final : public storage::BatchComposer {
 public:
  RolledBack(storage::BatchComposer& composer, std::vector<storage::ClaimedSlice>* slices)
      : composer_(composer), slices_(slices) {}
  absl::StatusOr<storage::ComposedBatch> Compose(const std::vector<storage::ClaimedSlice>& slices,
                                                 absl::Time now) override {
    *slices_ = slices;
    const absl::StatusOr<storage::ComposedBatch> composed = composer_.Compose(slices, now);
    if (!composed.ok()) return composed.status();
    events = composed->event_count;
    return absl::AbortedError("rolled back");
  }
  int events = 0;

 private:
  storage::BatchComposer& composer_;
  std::vector<storage::ClaimedSlice>* slices_;
};

}  // namespace

void SimulatedLedger::Step() {
  scheduler_.Sleep(random_.Between(absl::Microseconds(200), absl::Milliseconds(20)));
  if (random_.Chance(faults_.crash)) scheduler_.Kill(scheduler_.current());
  if (random_.Chance(faults_.pause)) {
    scheduler_.Sleep(random_.Between(absl::Seconds(1), faults_.pause_max));
  }
}

bool SimulatedLedger::Fails() { return random_.Chance(faults_.unavailable); }
bool SimulatedLedger::LosesAnswer() { return random_.Chance(faults_.commit_unknown); }

absl::StatusOr<std::vector<storage::AppendedLot>> SimulatedLedger::Append(
    absl::Span<const storage::NewLot> lots) {
  Step();
  if (bug_ == PlantedBug::kAcknowledgedTooEarly && random_.Chance(0.05)) {
    return std::vector<storage::AppendedLot>(lots.size());
  }
  if (Fails()) return Unavailable();
  if (bug_ == PlantedBug::kDuplicateAccepted) ledger_.ForgetIdentities();
  const auto appended = ledger_.Append(lots);
  Step();
  if (LosesAnswer()) return Unavailable();
  return appended;
}

absl::StatusOr<std::vector<int32_t>> SimulatedLedger::DueShards(absl::Span<const int32_t> shards) {
  Step();
  if (Fails()) return Unavailable();
  return ledger_.DueShards(shards);
}

absl::StatusOr<storage::ClaimResult> SimulatedLedger::Claim(const storage::ClaimRequest& request,
                                                            storage::BatchComposer& composer) {
  Step();
  if (Fails()) return Unavailable();
  storage::ClaimRequest asked = request;
  if (bug_ == PlantedBug::kRateIgnored) asked.send_interval = absl::ZeroDuration();
  if (bug_ == PlantedBug::kParkedForgotten) asked.park_time = absl::Hours(24 * 365);
  if (bug_ == PlantedBug::kSentWithoutIntent && random_.Chance(0.05)) {
    storage::ClaimResult result;
    RolledBack rolled_back(composer, &result.batch.slices);
    if (ledger_.Claim(asked, rolled_back).ok() || rolled_back.events == 0) return result;
    result.kind = storage::ClaimResult::Kind::kBatch;
    result.batch.event_count = rolled_back.events;
    return result;
  }
  const absl::StatusOr<storage::ClaimResult> claimed = ledger_.Claim(asked, composer);
  Step();
  if (!LosesAnswer()) return claimed;
  Step();
  const bool stands = ledger_.FindAttempt(request.attempt_id) != nullptr;
  if (!stands || Fails()) return Unavailable();
  return claimed;
}

absl::StatusOr<std::optional<absl::Duration>> SimulatedLedger::TakeTurn(
    int32_t shard, absl::Duration send_interval) {
  Step();
  if (Fails()) return Unavailable();
  return ledger_.TakeTurn(shard, send_interval);
}

absl::StatusOr<storage::RecordResult> SimulatedLedger::Record(
    const storage::RecordRequest& request) {
  Step();
  if (Fails()) return Unavailable();
  storage::RecordRequest written = request;
  const bool first =
      !written.slices.empty() && ledger_.FindAttempt(request.attempt_id) != nullptr &&
      ledger_.FindAttempt(request.attempt_id)->from_state == storage::DeliveryState::kPending;
  if (bug_ == PlantedBug::kDoubtForgotten && first &&
      written.outcome == storage::AttemptOutcome::kUnknown) {
    written.to_state = storage::DeliveryState::kPending;
  }
  if (bug_ == PlantedBug::kRetryAfterIgnored) written.shut_gate_for.reset();
  if (bug_ == PlantedBug::kParkedForgotten) {
    written.parked.reset();
    written.park_time = absl::Hours(24 * 365);
  }
  if (bug_ == PlantedBug::kFenceIgnored) ledger_.ReopenAttempt(request);
  if (ledger_.FindAttempt(request.attempt_id) == nullptr) return storage::RecordResult{};
  const auto recorded = ledger_.Record(written);
  if (bug_ == PlantedBug::kLateSuccessIgnored) ledger_.ForgetLateSuccesses();
  Step();
  if (LosesAnswer()) return Unavailable();
  return recorded;
}

absl::StatusOr<int> SimulatedLedger::ReapLeases(int32_t shard) {
  Step();
  if (Fails()) return Unavailable();
  const absl::StatusOr<int> reaped = bug_ == PlantedBug::kReapedToPending
                                         ? ledger_.ReapToPending(shard)
                                         : ledger_.ReapLeases(shard);
  Step();
  return reaped;
}

}  // namespace snapledger::simulation
