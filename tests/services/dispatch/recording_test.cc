#include "services/dispatch/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/dispatch/retry_policy.h"

namespace snapledger::dispatch {
namespace {

using storage::AttemptOutcome;
using storage::DeliveryState;
using storage::IsolationStage;
using storage::ParkedChange;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kRetryDelay = absl::Seconds(9);

constexpr storage::Uuid kGroup = {9};

storage::ClaimedBatch Batch(bool doubted, int events) {
  return {.slices = {{.key = {.lot_id = 1},
                      .last_position = static_cast<int16_t>(events - 1),
                      .event_count = events,
                      .fence = 3,
                      .doubted = doubted}},
          .event_count = events};
}

storage::ClaimedBatch Isolated(IsolationStage stage, int events) {
  storage::ClaimedBatch batch = Batch(/*doubted=*/false, events);
  batch.isolation_group = kGroup;
  batch.isolation_stage = stage;
  return batch;
}

storage::RecordRequest RecordingOf(const AttemptResult& result,
                                   const storage::ClaimedBatch& batch) {
  const std::vector<event::Frame> frames(batch.event_count, {.header = {}, .json = "{}"});
  uint8_t next = 0;
  return MakeRecording(
      result, {.shard = 4, .park_time = absl::Minutes(3)}, batch,
      [&frames](int64_t) -> const std::vector<event::Frame>& { return frames; },
      [&next] { return storage::Uuid{++next}; });
}

storage::RecordRequest RecordingOf(Decision decision, bool doubted, int events = 1) {
  return RecordingOf({.decision = std::move(decision), .retry_delay = kRetryDelay},
                     Batch(doubted, events));
}

struct Row {
  Decision::Verdict verdict;
  AttemptOutcome outcome;
  DeliveryState fresh;
  DeliveryState doubted;
};

// Doubt is sticky: the right-hand column never holds PENDING, REJECTED, EXPIRED or EXHAUSTED.
TEST(RecordingTest, VerdictsLeadToTheStatesOfTheProtocol) {
  using Verdict = Decision::Verdict;
  const Row rows[] = {
      {Verdict::kDelivered, AttemptOutcome::kDelivered, DeliveryState::kDelivered,
       DeliveryState::kDelivered},
      {Verdict::kRefused, AttemptOutcome::kRefused, DeliveryState::kRejected,
       DeliveryState::kExpiredInDoubt},
      {Verdict::kTooLarge, AttemptOutcome::kRefused, DeliveryState::kRejected,
       DeliveryState::kExpiredInDoubt},
      {Verdict::kThrottled, AttemptOutcome::kThrottled, DeliveryState::kPending,
       DeliveryState::kInDoubt},
      {Verdict::kNotSent, AttemptOutcome::kNotSent, DeliveryState::kPending,
       DeliveryState::kInDoubt},
      {Verdict::kHeld, AttemptOutcome::kHeld, DeliveryState::kPending, DeliveryState::kInDoubt},
      {Verdict::kDoubt, AttemptOutcome::kUnknown, DeliveryState::kInDoubt,
       DeliveryState::kInDoubt}};
  for (const Row& row : rows) {
    const storage::RecordRequest fresh = RecordingOf({.verdict = row.verdict}, false);
    EXPECT_EQ(fresh.outcome, row.outcome);
    EXPECT_EQ(fresh.to_state, row.fresh);
    EXPECT_EQ(RecordingOf({.verdict = row.verdict}, true).to_state, row.doubted);
    ASSERT_THAT(fresh.slices, SizeIs(1));
    EXPECT_EQ(fresh.slices[0].fence, 3);
    EXPECT_THAT(fresh.slices[0].parts, IsEmpty());
  }
}

TEST(RecordingTest, OnlyADefiniteRefusalOfOneEventCountsAgainstIt) {
  EXPECT_TRUE(RecordingOf({.verdict = Decision::Verdict::kRefused}, false).definite_failure);
  EXPECT_FALSE(RecordingOf({.verdict = Decision::Verdict::kRefused}, false, 2).definite_failure);
  EXPECT_FALSE(RecordingOf({.verdict = Decision::Verdict::kThrottled}, false).definite_failure);
  EXPECT_FALSE(RecordingOf({.verdict = Decision::Verdict::kDoubt}, false).definite_failure);
  EXPECT_FALSE(RecordingOf({.verdict = Decision::Verdict::kHeld}, false).definite_failure);
}

TEST(RecordingTest, TheLastDefiniteFailureExhausts) {
  storage::ClaimedBatch batch = Batch(/*doubted=*/false, 1);
  const AttemptResult refused = {.decision = {.verdict = Decision::Verdict::kRefused}};
  batch.slices[0].definite_failures = kDefiniteFailuresMax - 2;
  EXPECT_EQ(RecordingOf(refused, batch).to_state, DeliveryState::kRejected);
  batch.slices[0].definite_failures = kDefiniteFailuresMax - 1;
  for (const auto verdict : {Decision::Verdict::kRefused, Decision::Verdict::kTooLarge}) {
    const storage::RecordRequest request = RecordingOf({.decision = {.verdict = verdict}}, batch);
    EXPECT_EQ(request.to_state, DeliveryState::kExhausted);
    EXPECT_EQ(request.state_reason, "REFUSED_TOO_OFTEN");
    EXPECT_TRUE(request.definite_failure);
  }
  batch.slices[0].doubted = true;
  const storage::RecordRequest doubted = RecordingOf(refused, batch);
  EXPECT_EQ(doubted.to_state, DeliveryState::kExpiredInDoubt);
  EXPECT_EQ(doubted.state_reason, "REFUSED_AFTER_DOUBT");
  EXPECT_FALSE(doubted.definite_failure);
}

TEST(RecordingTest, ARefusedBatchOfSeveralBecomesAGroupAndStaysWhereItWas) {
  for (const bool doubted : {false, true}) {
    const storage::RecordRequest request =
        RecordingOf({.verdict = Decision::Verdict::kRefused}, doubted, 4);
    EXPECT_EQ(request.to_state, doubted ? DeliveryState::kInDoubt : DeliveryState::kPending);
    ASSERT_THAT(request.slices, SizeIs(1));
    ASSERT_THAT(request.slices[0].parts, SizeIs(1));
    EXPECT_TRUE(request.slices[0].parts[0].isolation_group.has_value());
    EXPECT_FALSE(request.parked.has_value());
    EXPECT_FALSE(request.shut_gate_for.has_value());
  }
}

TEST(RecordingTest, AValidationThatIsThrottledShutsTheGate) {
  const AttemptResult result = {.decision = {.verdict = Decision::Verdict::kRefused},
                                .validation = {.shut_gate_for = absl::Seconds(7)}};
  EXPECT_EQ(RecordingOf(result, Batch(false, 4)).shut_gate_for, absl::Seconds(7));
}

TEST(RecordingTest, TooLargeIsCutInTwo) {
  const storage::RecordRequest request =
      RecordingOf({.verdict = Decision::Verdict::kTooLarge}, false, 4);
  ASSERT_THAT(request.slices[0].parts, SizeIs(2));
  EXPECT_NE(request.slices[0].parts[0].isolation_group, request.slices[0].parts[1].isolation_group);
}

struct ParkedRow {
  Decision::Verdict verdict;
  IsolationStage stage;
  int events;
  bool forget;
  ParkedChange::Due due;
};

TEST(RecordingTest, WhatIsParkedFollowsTheOutcomeOfWhatWasTested) {
  using Verdict = Decision::Verdict;
  using Due = ParkedChange::Due;
  const ParkedRow rows[] = {
      {Verdict::kDelivered, IsolationStage::kHoldsRefused, 4, false, Due::kHighestStage},
      {Verdict::kRefused, IsolationStage::kHoldsRefused, 4, true, Due::kNone},
      {Verdict::kRefused, IsolationStage::kHoldsRefused, 1, true, Due::kHighestStage},
      {Verdict::kTooLarge, IsolationStage::kHoldsRefused, 4, true, Due::kHighestStage},
      {Verdict::kThrottled, IsolationStage::kNamed, 1, false, Due::kSameStage},
      {Verdict::kNotSent, IsolationStage::kHoldsRefused, 4, false, Due::kSameStage},
      {Verdict::kHeld, IsolationStage::kHoldsRefused, 4, false, Due::kSameStage},
      {Verdict::kDoubt, IsolationStage::kHoldsRefused, 4, true, Due::kHighestStage}};
  for (const ParkedRow& row : rows) {
    const storage::RecordRequest request =
        RecordingOf({.decision = {.verdict = row.verdict}}, Isolated(row.stage, row.events));
    ASSERT_TRUE(request.parked.has_value());
    EXPECT_EQ(request.parked->isolation_group, kGroup);
    EXPECT_EQ(request.parked->batch_stage, row.stage);
    EXPECT_EQ(request.parked->forget, row.forget);
    EXPECT_EQ(request.parked->due, row.due);
    EXPECT_EQ(request.park_time, absl::Minutes(3));
  }
}

// Else a group would hold what is fresh and what is in doubt.
TEST(RecordingTest, DoubtLeavesTheGroupThatIsSearched) {
  const AttemptResult doubt = {.decision = {.verdict = Decision::Verdict::kDoubt}};
  const storage::RecordRequest searched =
      RecordingOf(doubt, Isolated(IsolationStage::kHoldsRefused, 4));
  ASSERT_THAT(searched.slices[0].parts, SizeIs(1));
  EXPECT_NE(searched.slices[0].parts[0].isolation_group, kGroup);
  EXPECT_EQ(searched.slices[0].parts[0].isolation_stage, IsolationStage::kValidated);
  EXPECT_THAT(RecordingOf(doubt, Isolated(IsolationStage::kValidated, 4)).slices[0].parts,
              IsEmpty());
}

TEST(RecordingTest, AVerdictTellsHowItIsKnown) {
  const auto source = [](int http_status, Decision::Verdict verdict, IsolationStage stage,
                         int events) {
    return RecordingOf({.decision = {.verdict = verdict, .http_status = http_status}},
                       Isolated(stage, events))
        .verdict_source;
  };
  using Source = storage::VerdictSource;
  using Verdict = Decision::Verdict;
  EXPECT_EQ(source(400, Verdict::kRefused, IsolationStage::kHoldsRefused, 1), Source::kBisection);
  EXPECT_EQ(source(400, Verdict::kRefused, IsolationStage::kHoldsRefused, 2), Source::kLive);
  EXPECT_EQ(source(400, Verdict::kRefused, IsolationStage::kNamed, 1), Source::kLive);
  EXPECT_EQ(source(400, Verdict::kRefused, IsolationStage::kValidated, 1), Source::kLive);
  EXPECT_EQ(source(200, Verdict::kDelivered, IsolationStage::kHoldsRefused, 1), Source::kLive);
  EXPECT_EQ(source(0, Verdict::kDoubt, IsolationStage::kHoldsRefused, 1), Source::kTimeout);
  EXPECT_EQ(source(0, Verdict::kNotSent, IsolationStage::kUnknown, 1), Source::kUnspecified);
}

TEST(RecordingTest, ARetryAfterTakesThePlaceOfTheDelay) {
  Decision throttled = {.verdict = Decision::Verdict::kThrottled};
  EXPECT_EQ(RecordingOf(throttled, false).shut_gate_for, kRetryDelay);
  throttled.retry_after = absl::Seconds(77);
  EXPECT_EQ(RecordingOf(throttled, false).shut_gate_for, absl::Seconds(77));
}

TEST(RecordingTest, WhereAnotherTokenIsTriedTheGateStaysOpen) {
  Decision held = {.verdict = Decision::Verdict::kHeld, .http_status = 401};
  EXPECT_TRUE(RecordingOf(held, false).shut_gate_for.has_value());
  held.another_token = true;
  const storage::RecordRequest request = RecordingOf(held, false);
  EXPECT_FALSE(request.shut_gate_for.has_value());
  EXPECT_EQ(request.state_reason, "TOKEN_REFUSED");
  EXPECT_EQ(request.to_state, DeliveryState::kPending);
}

TEST(RecordingTest, SuccessLeavesTheGateOpen) {
  EXPECT_FALSE(
      RecordingOf({.verdict = Decision::Verdict::kDelivered}, false).shut_gate_for.has_value());
}

}  // namespace
}  // namespace snapledger::dispatch
