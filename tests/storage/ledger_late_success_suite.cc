#include <gmock/gmock.h>

#include "tests/storage/ledger_suite.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

}  // namespace

ClaimedBatch LedgerLateSuccessSuite::SendAgainAndAnswerLate(absl::Duration lease) {
  const ClaimedBatch first = ClaimFirst(kEvents, -absl::Seconds(1));
  const RecordRequest late = Outcome(first, AttemptOutcome::kDelivered, DeliveryState::kDelivered);
  EXPECT_THAT(ledger().ReapLeases(shard()), support::IsOkAndHolds(1));
  ClaimedBatch second = ClaimFirst(kEvents, lease);
  EXPECT_EQ(second.event_count, kEvents);
  const absl::StatusOr<RecordResult> recorded = Record(late);
  EXPECT_OK(recorded);
  EXPECT_FALSE(recorded.ok() && recorded->fence_held);
  EXPECT_EQ(StateOf(0), DeliveryState::kInFlight);
  return second;
}

void LedgerLateSuccessSuite::ExpectAllDelivered() {
  EXPECT_THAT(under_test_->Counts(), ElementsAre(Pair(DeliveryState::kDelivered, kEvents)));
  EXPECT_EQ(under_test_->EventAt(Key(5)).state_reason, "LATE_ANSWER");
  EXPECT_EQ(ClaimFirst(kEvents).event_count, 0);
}

TEST_P(LedgerLateSuccessSuite, EndsTheDoubtOfASecondAttempt) {
  const ClaimedBatch again = SendAgainAndAnswerLate();
  ASSERT_OK(Record(Outcome(again, AttemptOutcome::kUnknown, DeliveryState::kInDoubt)));
  ExpectAllDelivered();
}

TEST_P(LedgerLateSuccessSuite, OutweighsAThrottledSecondAttempt) {
  const ClaimedBatch again = SendAgainAndAnswerLate();
  ASSERT_OK(Record(Outcome(again, AttemptOutcome::kThrottled, DeliveryState::kInDoubt)));
  ExpectAllDelivered();
}

TEST_P(LedgerLateSuccessSuite, OutweighsARefusalAfterDoubt) {
  const ClaimedBatch again = SendAgainAndAnswerLate();
  ASSERT_OK(Record(Outcome(again, AttemptOutcome::kRefused, DeliveryState::kExpiredInDoubt)));
  ExpectAllDelivered();
}

TEST_P(LedgerLateSuccessSuite, OutweighsAValidationThatNamesSome) {
  const ClaimedBatch again = SendAgainAndAnswerLate();
  RecordRequest refused = Outcome(again, AttemptOutcome::kRefused, DeliveryState::kInDoubt);
  refused.slices[0].parts = {
      {.part = Part(0, 1), .departure = Departure{.to_state = DeliveryState::kExpiredInDoubt}},
      InGroup(2, 5, IsolationStage::kValidated)};
  ASSERT_OK(Record(refused));
  ExpectAllDelivered();
}

TEST_P(LedgerLateSuccessSuite, EndsTheDoubtOfAReapedSecondAttempt) {
  SendAgainAndAnswerLate(/*lease=*/-absl::Seconds(1));
  EXPECT_THAT(ledger().ReapLeases(shard()), support::IsOkAndHolds(1));
  ExpectAllDelivered();
}

TEST_P(LedgerLateSuccessSuite, IsOfTheEventsItsAttemptCarriedAlone) {
  const ClaimedBatch first = ClaimFirst(kEvents, -absl::Seconds(1));
  EXPECT_THAT(ledger().ReapLeases(shard()), support::IsOkAndHolds(1));
  RecordRequest halved =
      Outcome(ClaimFirst(kEvents), AttemptOutcome::kRefused, DeliveryState::kInDoubt);
  halved.slices[0].parts = {InGroup(0, 1, IsolationStage::kValidated),
                            InGroup(2, 5, IsolationStage::kValidated)};
  ASSERT_OK(Record(halved));
  // The first two alone are answered, late: the lease of their third attempt is over.
  const ClaimedBatch part = ClaimFirst(2, -absl::Seconds(1));
  ASSERT_EQ(part.event_count, 2);
  RecordRequest late = Outcome(part, AttemptOutcome::kDelivered, DeliveryState::kDelivered);
  EXPECT_THAT(ledger().ReapLeases(shard()), support::IsOkAndHolds(1));
  ASSERT_OK(Record(late));
  EXPECT_THAT(under_test_->Counts(),
              ElementsAre(Pair(DeliveryState::kInDoubt, 4), Pair(DeliveryState::kDelivered, 2)));
}

TEST_P(LedgerLateSuccessSuite, ALateRefusalChangesNothing) {
  const ClaimedBatch first = ClaimFirst(kEvents, -absl::Seconds(1));
  RecordRequest late = Outcome(first, AttemptOutcome::kRefused, DeliveryState::kRejected);
  EXPECT_THAT(ledger().ReapLeases(shard()), support::IsOkAndHolds(1));
  const ClaimedBatch again = ClaimFirst(kEvents);
  ASSERT_OK(Record(late));
  ASSERT_OK(Record(Outcome(again, AttemptOutcome::kUnknown, DeliveryState::kInDoubt)));
  EXPECT_EQ(StateOf(0), DeliveryState::kInDoubt);
}

}  // namespace snapledger::storage
