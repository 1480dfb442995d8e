// The pace of a destination on a real PostgreSQL: the same for all of its lanes and processes.

#include "storage/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/postgres_deliveries.h"
#include "storage/postgres_ledger.h"
#include "storage/random_uuid.h"
#include "storage/rollup.h"
#include "tests/storage/send_all.h"
#include "tests/support/destination_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using Kind = ClaimResult::Kind;
using Answer = PaceSign::Answer;

class OneEvent final : public LotComposer {
 public:
  absl::StatusOr<LotContents> Compose(int32_t, int64_t, const std::vector<bool>&) override {
    return LotContents{.payload = "sealed",
                       .rollup = PackRollup({}),
                       .event_count = 1,
                       .json_bytes = 10,
                       .oldest_event_time = absl::Now()};
  }
};

class GateTest : public support::DestinationTest {
 protected:
  // Claims a new event of its own.
  ClaimResult Claim(absl::Duration lease = absl::Seconds(30),
                    absl::Duration send_interval = absl::ZeroDuration()) {
    NewLot lot = {.shard = shard_, .composer = &one_event_};
    lot.events.push_back({.event_key = RandomUuid(), .event_time = absl::Now()});
    EXPECT_OK(ledger_.Append({&lot, 1}));
    claim_ = {.shard = shard_,
              .events_max = 1,
              .lease = lease,
              .send_interval = send_interval,
              .attempt_id = RandomUuid(),
              .batch_id = RandomUuid(),
              .token_id = "t1"};
    const absl::StatusOr<ClaimResult> claimed = ledger_.Claim(claim_, send_all_);
    EXPECT_OK(claimed);
    return claimed.value_or(ClaimResult());
  }

  RecordResult Record(const ClaimedBatch& batch, const PaceSign& sign) {
    RecordRequest request = {.shard = shard_,
                             .attempt_id = claim_.attempt_id,
                             .outcome = AttemptOutcome::kRefused,
                             .to_state = DeliveryState::kRejected,
                             .pace_sign = sign};
    for (const ClaimedSlice& slice : batch.slices) {
      request.slices.push_back({.key = slice.key, .fence = slice.fence});
    }
    const absl::StatusOr<RecordResult> recorded = ledger_.Record(request);
    EXPECT_OK(recorded);
    return recorded.value_or(RecordResult());
  }

  std::optional<BreakerState> Fail(absl::Duration open_for) {
    const ClaimResult claimed = Claim();
    EXPECT_EQ(claimed.kind, Kind::kBatch);
    return Record(claimed.batch, {.answer = Answer::kFailed, .open_for = open_for}).breaker_change;
  }

  void OpenBreaker(absl::Duration open_for) {
    for (int i = 1; i < kFailuresToOpen; ++i) EXPECT_EQ(Fail(open_for), std::nullopt);
    EXPECT_EQ(Fail(open_for), BreakerState::kOpen);
  }

  ShardDelivery Delivery() {
    absl::StatusOr<ShardDelivery> delivery = deliveries_.Delivery(shard_);
    EXPECT_OK(delivery);
    return delivery.value_or(ShardDelivery());
  }

  ClaimRequest claim_;
  OneEvent one_event_;
  SendAll send_all_;
  IdentityFilters filters_;
  PostgresLedger ledger_{pool(), pool(), filters_};
  PostgresDeliveryStore deliveries_{pool()};
};

TEST_F(GateTest, AReducedRateShutsTheGateForLonger) {
  const ClaimResult claimed = Claim();
  EXPECT_TRUE(claimed.batch.pace.calm);
  Record(claimed.batch, {.answer = Answer::kWorks, .rate_factor = 0.5});
  EXPECT_EQ(Delivery().rate_share, 0.5);
  const ClaimResult shut = Claim(absl::Seconds(30), absl::Minutes(1));
  EXPECT_EQ(shut.kind, Kind::kGateShut);
  EXPECT_GT(shut.gate_opens_in, absl::Seconds(100));
  ASSERT_OK_AND_ASSIGN(const std::optional<absl::Duration> turn,
                       ledger_.TakeTurn(shard_, absl::Minutes(1)));
  EXPECT_GT(turn, absl::Seconds(100));
}

TEST_F(GateTest, AnOpenBreakerShutsTheGate) {
  OpenBreaker(absl::Minutes(1));
  EXPECT_EQ(Delivery().breaker, BreakerState::kOpen);
  const ClaimResult shut = Claim();
  EXPECT_EQ(shut.kind, Kind::kGateShut);
  EXPECT_GT(shut.gate_opens_in, absl::Seconds(50));
  EXPECT_THAT(ledger_.TakeTurn(shard_, absl::ZeroDuration()), support::IsOkAndHolds(std::nullopt));
}

TEST_F(GateTest, OneTrialPassesAndItsAnswerClosesTheBreaker) {
  OpenBreaker(-absl::Seconds(1));
  const ClaimResult trial = Claim();
  ASSERT_EQ(trial.kind, Kind::kBatch);
  EXPECT_EQ(trial.batch.pace.breaker, BreakerState::kOpen);
  EXPECT_EQ(trial.batch.pace.openings, 1);
  const ClaimRequest trial_claim = claim_;
  EXPECT_EQ(Delivery().breaker, BreakerState::kHalfOpen);
  EXPECT_EQ(Claim().kind, Kind::kGateShut);
  claim_ = trial_claim;
  EXPECT_EQ(Record(trial.batch, {.answer = Answer::kWorks}).breaker_change, BreakerState::kClosed);
  EXPECT_EQ(Claim().kind, Kind::kBatch);
  // All of it is in the audit log.
  Run("do $$ begin"
      " if (select array_agg(action order by sequence) from audit_entry"
      "     where actor = 'dispatcher' and target = 'pixel-1') is distinct from"
      "   array['OpenCircuitBreaker', 'HalfOpenCircuitBreaker', 'CloseCircuitBreaker']"
      " then raise exception 'other entries'; end if; end $$");
}

TEST_F(GateTest, ATrialThatFailsOpensItAgain) {
  OpenBreaker(-absl::Seconds(1));
  EXPECT_EQ(Fail(absl::Minutes(1)), BreakerState::kOpen);
  EXPECT_EQ(Claim().kind, Kind::kGateShut);
}

TEST_F(GateTest, ATrialWhoseOwnerVanishedIsRepeated) {
  OpenBreaker(-absl::Seconds(1));
  EXPECT_EQ(Claim(/*lease=*/-absl::Seconds(1)).kind, Kind::kBatch);
  const ClaimResult again = Claim();
  EXPECT_EQ(again.kind, Kind::kBatch);
  EXPECT_EQ(again.batch.pace.breaker, BreakerState::kHalfOpen);
}

}  // namespace
}  // namespace snapledger::storage
