#include "services/dispatch/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::dispatch {
namespace {

using storage::AttemptOutcome;
using storage::DeliveryState;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kRetryDelay = absl::Seconds(9);

storage::RecordRequest RecordingOf(Decision decision, bool doubted, int events = 1) {
  const std::vector<event::Frame> frames(events, {.header = {}, .json = "{}"});
  const storage::ClaimedBatch batch = {
      .slices = {{.key = {.lot_id = 1},
                  .last_position = static_cast<int16_t>(events - 1),
                  .event_count = events,
                  .fence = 3,
                  .doubted = doubted}},
      .event_count = events};
  uint8_t next = 0;
  return MakeRecording(
      decision, {.shard = 4}, batch, kRetryDelay,
      [&frames](int64_t) -> const std::vector<event::Frame>& { return frames; },
      [&next] { return storage::Uuid{++next}; });
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

TEST(RecordingTest, ARefusedBatchOfSeveralIsCutAndStaysWhereItWas) {
  for (const bool doubted : {false, true}) {
    const storage::RecordRequest request =
        RecordingOf({.verdict = Decision::Verdict::kRefused}, doubted, 4);
    EXPECT_EQ(request.to_state, doubted ? DeliveryState::kInDoubt : DeliveryState::kPending);
    ASSERT_THAT(request.slices, SizeIs(1));
    EXPECT_THAT(request.slices[0].parts, SizeIs(2));
    EXPECT_FALSE(request.shut_gate_for.has_value());
  }
}

TEST(RecordingTest, ARetryAfterTakesThePlaceOfTheDelay) {
  Decision throttled = {.verdict = Decision::Verdict::kThrottled};
  EXPECT_EQ(RecordingOf(throttled, false).shut_gate_for, kRetryDelay);
  throttled.retry_after = absl::Seconds(77);
  EXPECT_EQ(RecordingOf(throttled, false).shut_gate_for, absl::Seconds(77));
}

TEST(RecordingTest, SuccessLeavesTheGateOpen) {
  EXPECT_FALSE(
      RecordingOf({.verdict = Decision::Verdict::kDelivered}, false).shut_gate_for.has_value());
}

}  // namespace
}  // namespace snapledger::dispatch
