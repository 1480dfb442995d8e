#include "tests/simulation/in_memory_ledger.h"

#include <memory>

#include "storage/random_uuid.h"
#include "tests/storage/ledger_suite.h"

namespace snapledger::simulation {
namespace {

constexpr int32_t kShard = 1;
constexpr int32_t kDestination = 1;

class InMemoryLedgerUnderTest final : public storage::LedgerUnderTest {
 public:
  InMemoryLedgerUnderTest() { ledger_.AddShard(kShard, kDestination); }

  storage::Ledger& ledger() override { return ledger_; }
  int32_t shard() const override { return kShard; }
  absl::Time Now() const override { return now_; }

  Event EventAt(const storage::Uuid& event_key) override {
    const InMemoryLedger::Identity& place = ledger_.identities().at({kShard, event_key});
    const MemorySlice& slice = ledger_.SliceAt(kShard, place.lot_id, place.position);
    Event event = {.state = slice.state,
                   .state_reason = slice.state_reason,
                   .first_sent_time = slice.first_sent_time,
                   .final_time = slice.final_time};
    if (slice.queue != storage::Queue::kNone) event.next_attempt_time = slice.next_attempt_time;
    for (const MemoryTransition& transition : ledger_.transitions()) {
      if (transition.lot_id == place.lot_id && transition.first_position <= place.position &&
          place.position <= transition.last_position) {
        event.transition_reasons.push_back(transition.reason);
      }
    }
    return event;
  }

  std::map<storage::DeliveryState, int64_t> Counts() override {
    std::map<storage::DeliveryState, int64_t> counts;
    for (const auto& [key, slice] : ledger_.slices()) counts[slice.state] += slice.event_count;
    return counts;
  }

  void SetPaused(bool paused) override { ledger_.SetPaused(kDestination, paused); }
  // Longer than what is parked waits.
  void MakeGroupsDue() override { now_ += absl::Minutes(6); }

 private:
  absl::Time now_ = absl::FromUnixSeconds(1'790'000'000);
  InMemoryLedger ledger_{[this] { return now_; }, storage::RandomUuid};
};

std::unique_ptr<storage::LedgerUnderTest> Make() {
  return std::make_unique<InMemoryLedgerUnderTest>();
}

}  // namespace
}  // namespace snapledger::simulation

namespace snapledger::storage {

INSTANTIATE_TEST_SUITE_P(InMemory, LedgerSuite, ::testing::Values(simulation::Make));
INSTANTIATE_TEST_SUITE_P(InMemory, LedgerIsolationSuite, ::testing::Values(simulation::Make));
INSTANTIATE_TEST_SUITE_P(InMemory, LedgerLateSuccessSuite, ::testing::Values(simulation::Make));

}  // namespace snapledger::storage
