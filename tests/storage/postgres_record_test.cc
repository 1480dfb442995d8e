// What the books of a real PostgreSQL show of outcomes; what an outcome does is in ledger_suite.h.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/postgres_deliveries.h"
#include "storage/postgres_ledger.h"
#include "storage/random_uuid.h"
#include "storage/rollup.h"
#include "tests/support/destination_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

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

class PostgresRecordTest : public support::DestinationTest {
 protected:
  void SetUp() override {
    DestinationTest::SetUp();
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

  // Sends all six, and puts them into the group as such a part of it.
  void IsolateAll(std::vector<SliceOutcome::Part> parts) {
    RecordRequest request = Outcome(Claim(), AttemptOutcome::kRefused, DeliveryState::kPending);
    request.slices.at(0).parts = std::move(parts);
    ASSERT_OK(ledger_.Record(request));
  }

  static SliceOutcome::Part InGroup(int16_t first, int16_t last, IsolationStage stage) {
    return {.part = Part(first, last), .isolation_group = kGroup, .isolation_stage = stage};
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
  ClaimRequest claim_;
  PlainLot composer_;
  IdentityFilters filters_;
  PostgresLedger ledger_{pool(), pool(), filters_};
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

// A first attempt that was reaped, sent again, and answered VALID meanwhile.
TEST_F(PostgresRecordTest, ALateSuccessIsShownAsTheEndOfTheSecondAttempt) {
  const ClaimedBatch first = Claim(kEvents, -absl::Seconds(1));
  const RecordRequest late = Outcome(first, AttemptOutcome::kDelivered, DeliveryState::kDelivered);
  EXPECT_THAT(ledger_.ReapLeases(shard_), support::IsOkAndHolds(1));
  const ClaimedBatch second = Claim();
  ASSERT_OK(ledger_.Record(late));
  ASSERT_OK(ledger_.Record(Outcome(second, AttemptOutcome::kUnknown, DeliveryState::kInDoubt)));
  const EventRow event = Event(5);
  EXPECT_EQ(event.state, DeliveryState::kDelivered);
  ASSERT_THAT(event.attempts, SizeIs(2));
  EXPECT_EQ(event.attempts[0].to_state, DeliveryState::kInDoubt);
  EXPECT_EQ(event.attempts[1].to_state, DeliveryState::kDelivered);
  EXPECT_EQ(event.attempts[1].state_reason, "LATE_ANSWER");
}

}  // namespace
}  // namespace snapledger::storage
