// Isolation groups on a real PostgreSQL: what leaves an attempt by itself, what is parked, and what
// an outcome means for it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/postgres_deliveries.h"
#include "storage/postgres_destinations.h"
#include "storage/postgres_ledger.h"
#include "storage/random_uuid.h"
#include "storage/rollup.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using Due = ParkedChange::Due;

constexpr Uuid kGroup = {7};

Rollup RollupOf(int64_t count) { return {{{.name_label = 1}, count}}; }

SlicePart Part(int16_t first, int16_t last) {
  const int32_t count = last - first + 1;
  return {.first_position = first,
          .last_position = last,
          .event_count = count,
          .json_bytes = 10 * count,
          .rollup = PackRollup(RollupOf(count)),
          .oldest_event_time = absl::Now()};
}

class PlainLot final : public LotComposer {
 public:
  absl::StatusOr<LotContents> Compose(int32_t, int64_t, const std::vector<bool>& is_new) override {
    const auto count = static_cast<int>(is_new.size());
    return LotContents{.payload = "sealed",
                       .rollup = PackRollup(RollupOf(count)),
                       .event_count = count,
                       .json_bytes = 10 * count,
                       .oldest_event_time = absl::Now()};
  }
};

// Sends the first events of what is claimed and parks the rest.
class SendFirst final : public BatchComposer {
 public:
  explicit SendFirst(int16_t count) : count_(count) {}

  absl::StatusOr<ComposedBatch> Compose(const std::vector<ClaimedSlice>& slices,
                                        absl::Time) override {
    ComposedBatch batch;
    for (size_t i = 0; i < slices.size(); ++i) {
      const int16_t first = slices[i].key.first_position;
      const int16_t last = slices[i].last_position;
      const auto cut = static_cast<int16_t>(std::min<int>(last, first + count_ - 1));
      const bool send = batch.event_count == 0;
      batch.disposals.push_back(
          {.kind = send ? ClaimDisposal::Kind::kSend : ClaimDisposal::Kind::kPark,
           .slice = i,
           .part = Part(first, send ? cut : last)});
      if (!send) continue;
      batch.event_count = cut - first + 1;
      if (cut == last) continue;
      batch.disposals.push_back({.kind = ClaimDisposal::Kind::kPark,
                                 .slice = i,
                                 .part = Part(static_cast<int16_t>(cut + 1), last)});
    }
    return batch;
  }

 private:
  const int16_t count_;
};

class PostgresRecordTest : public support::PostgresTest {
 protected:
  void SetUp() override {
    PostgresDestinationStore destinations(pool());
    ASSERT_OK_AND_ASSIGN(
        const Destination destination,
        destinations.Create(
            {.destination_id = "pixel-1", .kind = 1, .token_id = "t1", .sealed_token = "sealed"},
            "somebody"));
    shard_ = destination.shards.at(0);
    NewLot lot = {.shard = shard_, .composer = &composer_};
    for (int position = 0; position < kEvents; ++position) {
      lot.events.push_back({.event_key = Key(position), .event_time = absl::Now()});
    }
    ASSERT_OK(ledger_.Append({&lot, 1}));
  }

  static Uuid Key(int position) { return {static_cast<uint8_t>(position + 1)}; }

  // Claims what is due and sends its first events; the batch has none where nothing is due.
  ClaimedBatch Claim(int16_t send_max = kEvents, absl::Duration lease = absl::Seconds(30)) {
    claim_ = {.shard = shard_,
              .lease = lease,
              .park_time = absl::Minutes(5),
              .attempt_id = RandomUuid(),
              .batch_id = RandomUuid(),
              .token_id = "t1"};
    SendFirst composer(send_max);
    absl::StatusOr<ClaimResult> claimed = ledger_.Claim(claim_, composer);
    EXPECT_OK(claimed);
    return claimed.ok() ? claimed->batch : ClaimedBatch();
  }

  RecordRequest Outcome(const ClaimedBatch& batch, AttemptOutcome outcome,
                        DeliveryState to_state) const {
    RecordRequest request = {.shard = shard_,
                             .attempt_id = claim_.attempt_id,
                             .outcome = outcome,
                             .to_state = to_state,
                             .park_time = claim_.park_time};
    for (const ClaimedSlice& slice : batch.slices) {
      request.slices.push_back({.key = slice.key, .fence = slice.fence});
    }
    return request;
  }

  void RecordParked(RecordRequest request, bool forget, Due due, IsolationStage batch_stage) {
    request.parked = {
        .isolation_group = kGroup, .batch_stage = batch_stage, .forget = forget, .due = due};
    EXPECT_OK(ledger_.Record(request));
  }

  // Sends all six, and puts them into the group as such a part of it.
  void IsolateAll(std::vector<SliceOutcome::Part> parts) {
    RecordRequest request = Outcome(Claim(), AttemptOutcome::kRefused, DeliveryState::kPending);
    request.slices.at(0).parts = std::move(parts);
    ASSERT_OK(ledger_.Record(request));
  }

  static SliceOutcome::Part InGroup(int16_t first, int16_t last, IsolationStage stage,
                                    bool parked = false) {
    return {.part = Part(first, last),
            .isolation_group = kGroup,
            .isolation_stage = stage,
            .parked = parked};
  }

  EventRow Event(int position) {
    absl::StatusOr<EventRow> event = deliveries_.FindEvent(shard_, Key(position));
    EXPECT_OK(event);
    return event.value_or(EventRow());
  }

  std::map<DeliveryState, int64_t> Counts() {
    absl::StatusOr<ShardDelivery> delivery = deliveries_.Delivery(shard_);
    EXPECT_OK(delivery);
    std::map<DeliveryState, int64_t> counts;
    for (const auto& [state, count] : delivery->counts) {
      if (count != 0) counts[state] = count;
    }
    return counts;
  }

  static constexpr int16_t kEvents = 6;
  int32_t shard_ = 0;
  ClaimRequest claim_;
  PlainLot composer_;
  PostgresLedger ledger_{pool(), pool()};
  PostgresDeliveryStore deliveries_{pool()};
};

TEST_F(PostgresRecordTest, WhatAValidationNamesLeavesTheAttemptByItself) {
  SliceOutcome::Part named = {
      .part = Part(2, 3),
      .departure = Departure{.reason = "REFUSED_BY_SNAP", .snap_reason = "bad hash"}};
  IsolateAll({InGroup(0, 1, IsolationStage::kValidated), named,
              InGroup(4, 5, IsolationStage::kValidated)});
  const std::map<DeliveryState, int64_t> counts = {{DeliveryState::kPending, 4},
                                                   {DeliveryState::kRejected, 2}};
  EXPECT_EQ(Counts(), counts);
  const EventRow refused = Event(3);
  EXPECT_EQ(refused.state, DeliveryState::kRejected);
  EXPECT_TRUE(refused.final_time.has_value() && refused.first_sent_time.has_value());
  EXPECT_FALSE(refused.next_attempt_time.has_value());
  EXPECT_THAT(refused.transitions, IsEmpty());
  ASSERT_THAT(refused.attempts, SizeIs(1));
  EXPECT_EQ(refused.attempts[0].to_state, DeliveryState::kRejected);
  EXPECT_EQ(refused.attempts[0].state_reason, "REFUSED_BY_SNAP");
  EXPECT_EQ(refused.attempts[0].verdict_source, VerdictSource::kValidate);
  EXPECT_EQ(refused.attempts[0].snap_reason, "bad hash");
  EXPECT_EQ(Event(4).attempts.at(0).to_state, DeliveryState::kPending);

  const ClaimedBatch rest = Claim();
  EXPECT_EQ(rest.event_count, 2);  // the first of its slices; the other is parked by this composer
  EXPECT_EQ(rest.isolation_group, kGroup);
  EXPECT_EQ(rest.isolation_stage, IsolationStage::kValidated);
  // As if all that had happened ten minutes ago.
  ASSERT_OK(ledger_.Record(Outcome(rest, AttemptOutcome::kThrottled, DeliveryState::kPending)));
  Run("update lot set received_time = received_time - interval '10 minutes';"
      "update transition set transition_time = transition_time - interval '10 minutes';"
      "update attempt set sent_time = sent_time - interval '10 minutes',"
      "  recorded_time = recorded_time - interval '10 minutes'");
  ASSERT_OK(deliveries_.Compact(shard_));
  EXPECT_EQ(Counts(), counts);
}

TEST_F(PostgresRecordTest, OnlyWhatIsRefusedByItselfFailed) {
  SliceOutcome::Part named = {.part = Part(0, 0), .departure = Departure{}};
  IsolateAll({named, InGroup(1, 5, IsolationStage::kValidated)});
  EXPECT_EQ(Claim().slices.at(0).definite_failures, 0);
  Run("update lot set state = 1, queue = 1, final_time = null, exceptional_state = null"
      " where first_position = 0");
  EXPECT_EQ(Claim().slices.at(0).definite_failures, 1);
}

TEST_F(PostgresRecordTest, WhatIsParkedIsNotDue) {
  IsolateAll({InGroup(0, 5, IsolationStage::kHoldsRefused)});
  EXPECT_EQ(Claim(/*send_max=*/2).event_count, 2);
  EXPECT_EQ(Claim().event_count, 0);
  EXPECT_GT(*Event(5).next_attempt_time, absl::Now() + absl::Minutes(3));
}

TEST_F(PostgresRecordTest, ThePartThatIsGoodLeavesTheSuspicionWithTheRest) {
  IsolateAll({InGroup(0, 1, IsolationStage::kValidated, /*parked=*/true),
              InGroup(2, 5, IsolationStage::kHoldsRefused)});
  const ClaimedBatch tested = Claim(/*send_max=*/2);
  EXPECT_EQ(tested.isolation_stage, IsolationStage::kHoldsRefused);
  RecordParked(Outcome(tested, AttemptOutcome::kDelivered, DeliveryState::kDelivered),
               /*forget=*/false, Due::kHighestStage, tested.isolation_stage);
  const ClaimedBatch rest = Claim();
  EXPECT_EQ(rest.slices.at(0).key.first_position, 4);
  EXPECT_EQ(rest.event_count, 2);
  EXPECT_EQ(rest.isolation_stage, IsolationStage::kHoldsRefused);
  EXPECT_EQ(Event(0).state, DeliveryState::kPending);
}

TEST_F(PostgresRecordTest, ThePartThatIsRefusedTakesTheSuspicionOffTheRest) {
  IsolateAll({InGroup(0, 5, IsolationStage::kHoldsRefused)});
  ClaimedBatch tested = Claim(/*send_max=*/2);
  RecordRequest refused = Outcome(tested, AttemptOutcome::kRefused, DeliveryState::kPending);
  refused.slices[0].parts = {InGroup(0, 1, IsolationStage::kHoldsRefused)};
  RecordParked(refused, /*forget=*/true, Due::kNone, tested.isolation_stage);
  tested = Claim(/*send_max=*/1);
  EXPECT_EQ(tested.event_count, 1);
  RecordParked(Outcome(tested, AttemptOutcome::kRefused, DeliveryState::kRejected),
               /*forget=*/true, Due::kHighestStage, tested.isolation_stage);
  EXPECT_EQ(Event(0).state, DeliveryState::kRejected);
  const ClaimedBatch rest = Claim(/*send_max=*/1);
  EXPECT_EQ(rest.isolation_stage, IsolationStage::kValidated);
  EXPECT_EQ(rest.slices.at(0).key.first_position, 1);
  EXPECT_EQ(Claim().event_count, 0);  // the other slices of the same claim are parked
}

TEST_F(PostgresRecordTest, WhatIsPutBackIsClaimedWithWhatWasParkedForIt) {
  IsolateAll({InGroup(0, 0, IsolationStage::kValidated, /*parked=*/true),
              InGroup(1, 5, IsolationStage::kHoldsRefused)});
  const ClaimedBatch tested = Claim(/*send_max=*/2);
  RecordParked(Outcome(tested, AttemptOutcome::kThrottled, DeliveryState::kPending),
               /*forget=*/false, Due::kSameStage, tested.isolation_stage);
  const ClaimedBatch again = Claim(/*send_max=*/2);
  EXPECT_EQ(again.slices.at(0).key.first_position, 1);
  EXPECT_EQ(again.isolation_stage, IsolationStage::kHoldsRefused);
  EXPECT_EQ(Claim().event_count, 0);
  Run("update lot set next_attempt_time = now() where queue = 3");
  EXPECT_EQ(Claim().isolation_stage, IsolationStage::kValidated);  // both stages are due together
}

TEST_F(PostgresRecordTest, ALeaseThatEndsReleasesWhatWasParked) {
  IsolateAll({InGroup(0, 5, IsolationStage::kHoldsRefused)});
  Claim(/*send_max=*/2, /*lease=*/-absl::Seconds(1));
  EXPECT_THAT(ledger_.ReapLeases(shard_), support::IsOkAndHolds(1));
  const std::map<DeliveryState, int64_t> counts = {{DeliveryState::kPending, 4},
                                                   {DeliveryState::kInDoubt, 2}};
  EXPECT_EQ(Counts(), counts);
  for (int i = 0; i < 2; ++i) {
    const ClaimedBatch batch = Claim();
    const bool doubted = batch.slices.at(0).doubted;
    EXPECT_EQ(batch.event_count, doubted ? 2 : 4);
    EXPECT_EQ(batch.isolation_group == kGroup, !doubted);
    EXPECT_EQ(batch.isolation_stage, IsolationStage::kValidated);
  }
}

TEST_F(PostgresRecordTest, WhatWaitsForAnotherReasonIsNotReleased) {
  IsolateAll({InGroup(0, 2, IsolationStage::kUnknown, /*parked=*/true),
              InGroup(3, 5, IsolationStage::kHoldsRefused)});
  const ClaimedBatch tested = Claim();
  RecordParked(Outcome(tested, AttemptOutcome::kDelivered, DeliveryState::kDelivered),
               /*forget=*/true, Due::kHighestStage, tested.isolation_stage);
  EXPECT_EQ(Claim().event_count, 0);
}

TEST_F(PostgresRecordTest, ARequestBesideTheAttemptsTakesATurn) {
  ASSERT_OK_AND_ASSIGN(std::optional<absl::Duration> turn,
                       ledger_.TakeTurn(shard_, absl::Minutes(1)));
  EXPECT_EQ(turn, absl::ZeroDuration());
  SendFirst composer(kEvents);
  ASSERT_OK_AND_ASSIGN(
      const ClaimResult shut,
      ledger_.Claim({.shard = shard_, .send_interval = absl::Minutes(1)}, composer));
  EXPECT_EQ(shut.kind, ClaimResult::Kind::kGateShut);
  EXPECT_GT(shut.gate_opens_in, absl::Seconds(50));
  ASSERT_OK_AND_ASSIGN(turn, ledger_.TakeTurn(shard_, absl::Minutes(1)));
  EXPECT_GT(turn, absl::Seconds(50));
  EXPECT_LE(turn, absl::Minutes(1));
}

TEST_F(PostgresRecordTest, NoTurnIsTakenWhileTheGateIsShut) {
  RecordRequest request = Outcome(Claim(), AttemptOutcome::kThrottled, DeliveryState::kPending);
  request.shut_gate_for = absl::Minutes(1);
  ASSERT_OK(ledger_.Record(request));
  EXPECT_THAT(ledger_.TakeTurn(shard_, absl::Seconds(1)), support::IsOkAndHolds(std::nullopt));
}

// A first attempt that was reaped, sent again, and answered VALID meanwhile.
class LateSuccessTest : public PostgresRecordTest {
 protected:
  // The slices as the second attempt carries them.
  ClaimedBatch SendAgainAndAnswerLate(absl::Duration lease = absl::Seconds(30)) {
    const ClaimedBatch first = Claim(kEvents, -absl::Seconds(1));
    RecordRequest late = Outcome(first, AttemptOutcome::kDelivered, DeliveryState::kDelivered);
    EXPECT_THAT(ledger_.ReapLeases(shard_), support::IsOkAndHolds(1));
    ClaimedBatch second = Claim(kEvents, lease);
    EXPECT_EQ(second.event_count, kEvents);
    const absl::StatusOr<RecordResult> recorded = ledger_.Record(late);
    EXPECT_OK(recorded);
    EXPECT_FALSE(recorded->fence_held);
    EXPECT_EQ(Event(0).state, DeliveryState::kInFlight);
    return second;
  }

  void ExpectAllDelivered() {
    const std::map<DeliveryState, int64_t> delivered = {{DeliveryState::kDelivered, kEvents}};
    EXPECT_EQ(Counts(), delivered);
    const EventRow event = Event(5);
    EXPECT_EQ(event.state, DeliveryState::kDelivered);
    EXPECT_EQ(event.state_reason, "LATE_ANSWER");
    ASSERT_THAT(event.attempts, SizeIs(2));
    EXPECT_EQ(event.attempts[0].to_state, DeliveryState::kInDoubt);
    EXPECT_EQ(event.attempts[1].to_state, DeliveryState::kDelivered);
    EXPECT_EQ(event.attempts[1].state_reason, "LATE_ANSWER");
    EXPECT_EQ(Claim().event_count, 0);
  }
};

TEST_F(LateSuccessTest, EndsTheDoubtOfASecondAttempt) {
  const ClaimedBatch again = SendAgainAndAnswerLate();
  ASSERT_OK(ledger_.Record(Outcome(again, AttemptOutcome::kUnknown, DeliveryState::kInDoubt)));
  ExpectAllDelivered();
}

TEST_F(LateSuccessTest, OutweighsAThrottledSecondAttempt) {
  const ClaimedBatch again = SendAgainAndAnswerLate();
  ASSERT_OK(ledger_.Record(Outcome(again, AttemptOutcome::kThrottled, DeliveryState::kInDoubt)));
  ExpectAllDelivered();
}

TEST_F(LateSuccessTest, OutweighsARefusalAfterDoubt) {
  const ClaimedBatch again = SendAgainAndAnswerLate();
  ASSERT_OK(
      ledger_.Record(Outcome(again, AttemptOutcome::kRefused, DeliveryState::kExpiredInDoubt)));
  ExpectAllDelivered();
}

TEST_F(LateSuccessTest, OutweighsAValidationThatNamesSome) {
  const ClaimedBatch again = SendAgainAndAnswerLate();
  RecordRequest refused = Outcome(again, AttemptOutcome::kRefused, DeliveryState::kInDoubt);
  refused.slices[0].parts = {
      {.part = Part(0, 1), .departure = Departure{.to_state = DeliveryState::kExpiredInDoubt}},
      InGroup(2, 5, IsolationStage::kValidated)};
  ASSERT_OK(ledger_.Record(refused));
  ExpectAllDelivered();
}

TEST_F(LateSuccessTest, EndsTheDoubtOfAReapedSecondAttempt) {
  SendAgainAndAnswerLate(/*lease=*/-absl::Seconds(1));
  EXPECT_THAT(ledger_.ReapLeases(shard_), support::IsOkAndHolds(1));
  ExpectAllDelivered();
}

TEST_F(LateSuccessTest, IsOfTheEventsItsAttemptCarriedAlone) {
  const ClaimedBatch first = Claim(kEvents, -absl::Seconds(1));
  EXPECT_THAT(ledger_.ReapLeases(shard_), support::IsOkAndHolds(1));
  RecordRequest halved = Outcome(Claim(), AttemptOutcome::kRefused, DeliveryState::kInDoubt);
  halved.slices[0].parts = {InGroup(0, 1, IsolationStage::kValidated),
                            InGroup(2, 5, IsolationStage::kValidated)};
  ASSERT_OK(ledger_.Record(halved));
  // The first two alone are answered, late: the lease of their third attempt is over.
  const ClaimedBatch part = Claim(/*send_max=*/2, -absl::Seconds(1));
  ASSERT_EQ(part.event_count, 2);
  RecordRequest late = Outcome(part, AttemptOutcome::kDelivered, DeliveryState::kDelivered);
  EXPECT_THAT(ledger_.ReapLeases(shard_), support::IsOkAndHolds(1));
  ASSERT_OK(ledger_.Record(late));
  const std::map<DeliveryState, int64_t> counts = {{DeliveryState::kInDoubt, 4},
                                                   {DeliveryState::kDelivered, 2}};
  EXPECT_EQ(Counts(), counts);
}

TEST_F(LateSuccessTest, ALateRefusalChangesNothing) {
  const ClaimedBatch first = Claim(kEvents, -absl::Seconds(1));
  RecordRequest late = Outcome(first, AttemptOutcome::kRefused, DeliveryState::kRejected);
  EXPECT_THAT(ledger_.ReapLeases(shard_), support::IsOkAndHolds(1));
  const ClaimedBatch again = Claim();
  ASSERT_OK(ledger_.Record(late));
  ASSERT_OK(ledger_.Record(Outcome(again, AttemptOutcome::kUnknown, DeliveryState::kInDoubt)));
  EXPECT_EQ(Event(0).state, DeliveryState::kInDoubt);
}

}  // namespace
}  // namespace snapledger::storage
