// Operators' acts on a real PostgreSQL, beside claims and outcomes.

#include "storage/postgres_operators.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "storage/postgres_audit.h"
#include "storage/postgres_deliveries.h"
#include "storage/postgres_ledger.h"
#include "storage/postgres_listing.h"
#include "storage/random_uuid.h"
#include "storage/rollup.h"
#include "tests/storage/send_all.h"
#include "tests/support/destination_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr RollupKey kRollupKey = {.name_label = 1, .supplied = 3, .usable = 1};

class PlainComposer final : public LotComposer {
 public:
  absl::StatusOr<LotContents> Compose(int32_t, int64_t, const std::vector<bool>& is_new) override {
    const auto count = static_cast<int>(is_new.size());
    return LotContents{.payload = "sealed",
                       .rollup = PackRollup({{kRollupKey, count}}),
                       .event_count = count,
                       .json_bytes = 10 * count,
                       .oldest_event_time = absl::Now() - absl::Minutes(1)};
  }
};

SlicePart Part(int16_t first, int16_t last) {
  const int32_t count = last - first + 1;
  return {.first_position = first,
          .last_position = last,
          .event_count = count,
          .json_bytes = 10 * count,
          .rollup = PackRollup({{kRollupKey, count}}),
          .oldest_event_time = absl::Now()};
}

// The slice whole, moved.
ActedSlice Whole(const SliceRow& row, const ActedMove& move) {
  return {.read = row,
          .parts = {{.part = Part(row.key.first_position, row.last_position), .move = move}}};
}

ActedMove SendAgain(DeliveryState to_state, bool new_window = false) {
  return {.to_state = to_state, .isolation_group = RandomUuid(), .new_window = new_window};
}

class PostgresOperatorStoreTest : public support::DestinationTest {
 protected:
  static Uuid Key(int number) {
    Uuid key{};
    key[0] = static_cast<uint8_t>(number >> 8);
    key[1] = static_cast<uint8_t>(number);
    return key;
  }

  // One lot of `count` events, keys from `first_key` on.
  void Append(int first_key, int count) {
    NewLot lot = {.shard = shard_, .composer = &composer_};
    for (int i = 0; i < count; ++i) {
      lot.events.push_back({.event_key = Key(first_key + i),
                            .content_digest = 7,
                            .event_time = absl::Now(),
                            .name_label = 1,
                            .usable = 1});
    }
    ASSERT_OK(ledger_.Append({&lot, 1}));
  }

  struct Attempt {
    ClaimRequest claim;
    ClaimedBatch batch;
  };

  Attempt Claim() {
    Attempt attempt;
    attempt.claim = {.shard = shard_,
                     .lease = absl::Seconds(30),
                     .attempt_id = RandomUuid(),
                     .batch_id = RandomUuid(),
                     .token_id = "t1"};
    absl::StatusOr<ClaimResult> claimed = ledger_.Claim(attempt.claim, send_all_);
    EXPECT_OK(claimed);
    attempt.batch = claimed->batch;
    return attempt;
  }

  void Record(const Attempt& attempt, AttemptOutcome outcome, DeliveryState to_state) {
    RecordRequest request = {.shard = shard_,
                             .attempt_id = attempt.claim.attempt_id,
                             .outcome = outcome,
                             .to_state = to_state,
                             .definite_failure = outcome == AttemptOutcome::kRefused};
    for (const ClaimedSlice& slice : attempt.batch.slices) {
      request.slices.push_back({.key = slice.key, .fence = slice.fence});
    }
    ASSERT_OK(ledger_.Record(request));
  }

  void SendWith(AttemptOutcome outcome, DeliveryState to_state) {
    Record(Claim(), outcome, to_state);
  }

  SliceRow SliceOf(int key) {
    absl::StatusOr<std::vector<FoundEvent>> found = listing_.FindEvents(shard_, {Key(key)});
    EXPECT_OK(found);
    EXPECT_THAT(*found, SizeIs(1));
    return found->at(0).slice;
  }

  EventRow EventOf(int key) {
    absl::StatusOr<EventRow> event = deliveries_.FindEvent(shard_, Key(key));
    EXPECT_OK(event);
    return *event;
  }

  int64_t Apply(const std::vector<ActedSlice>& slices) {
    absl::StatusOr<int64_t> moved = operators_.Apply(
        shard_, slices, {.action = "CancelEvents", .reason = "CODE: why", .actor = "somebody"});
    EXPECT_OK(moved);
    return moved.value_or(-1);
  }

  // What the counters say against what the rows say.
  void ExpectCountsEqualARecount() {
    std::map<DeliveryState, int64_t> counted, recounted;
    ASSERT_OK_AND_ASSIGN(const ShardDelivery delivery, deliveries_.Delivery(shard_));
    for (const auto& [state, count] : delivery.counts) {
      if (count != 0) counted[state] = count;
    }
    for (const SliceRow& slice : AllSlices()) recounted[slice.state] += slice.event_count;
    EXPECT_EQ(counted, recounted);
    for (const CoverageStage stage : {CoverageStage::kRecorded, CoverageStage::kDelivered}) {
      EXPECT_EQ(Sum(deliveries_.Coverage(shard_, {.stage = stage})),
                Sum(deliveries_.RecountCoverage(shard_, {.stage = stage})));
    }
  }

  std::vector<SliceRow> AllSlices() {
    absl::StatusOr<SlicePage> page = listing_.ListSlices(shard_, {}, std::nullopt, 4000);
    EXPECT_OK(page);
    EXPECT_FALSE(page->stopped_at.has_value());
    return page->slices;
  }

  static int64_t Sum(const absl::StatusOr<std::vector<CoveragePeriod>>& periods) {
    EXPECT_OK(periods);
    int64_t sum = 0;
    for (const CoveragePeriod& period : *periods) {
      for (const auto& [key, count] : period.counts) sum += count;
    }
    return sum;
  }

  PlainComposer composer_;
  SendAll send_all_;
  IdentityFilters filters_;
  PostgresLedger ledger_{pool(), pool(), filters_};
  PostgresDeliveryStore deliveries_{pool()};
  PostgresListingStore listing_{pool()};
  PostgresOperatorStore operators_{pool()};
};

TEST_F(PostgresOperatorStoreTest, WhatIsSentAgainBeginsAnewAndTellsWhoDidIt) {
  Append(0, 3);
  SendWith(AttemptOutcome::kRefused, DeliveryState::kRejected);
  EXPECT_EQ(Apply({Whole(SliceOf(0), SendAgain(DeliveryState::kPending, true))}), 3);
  const EventRow event = EventOf(1);
  EXPECT_EQ(event.state, DeliveryState::kPending);
  EXPECT_EQ(event.state_reason, "CODE: why");
  EXPECT_FALSE(event.final_time.has_value());
  EXPECT_FALSE(event.first_sent_time.has_value());
  ASSERT_THAT(event.transitions, SizeIs(1));
  EXPECT_EQ(event.transitions[0].from_state, DeliveryState::kRejected);
  EXPECT_EQ(event.transitions[0].to_state, DeliveryState::kPending);
  EXPECT_EQ(event.transitions[0].reason, "CODE: why");
  EXPECT_EQ(event.transitions[0].actor, "somebody");
  const Attempt again = Claim();
  EXPECT_TRUE(again.batch.isolation_group.has_value());
  EXPECT_EQ(again.batch.event_count, 3);
  Record(again, AttemptOutcome::kDelivered, DeliveryState::kDelivered);
  EXPECT_EQ(EventOf(2).attempts.size(), 2);
  ExpectCountsEqualARecount();
}

TEST_F(PostgresOperatorStoreTest, FailuresAreCountedOverRedrivesUntilTheyAreUsedUp) {
  Append(0, 1);
  for (int16_t failures = 0; failures < 3; ++failures) {
    const Attempt attempt = Claim();
    EXPECT_EQ(attempt.batch.slices.at(0).definite_failures, failures);
    const bool last = failures == 2;
    Record(attempt, AttemptOutcome::kRefused,
           last ? DeliveryState::kExhausted : DeliveryState::kRejected);
    EXPECT_EQ(Apply({Whole(SliceOf(0), SendAgain(DeliveryState::kPending))}), 1);
  }
  EXPECT_EQ(Claim().batch.slices.at(0).definite_failures, 0);
  ExpectCountsEqualARecount();
}

TEST_F(PostgresOperatorStoreTest, WhatIsDueLaterIsNotClaimedNow) {
  Append(0, 1);
  SendWith(AttemptOutcome::kRefused, DeliveryState::kRejected);
  ActedMove later = SendAgain(DeliveryState::kPending);
  later.due_in = absl::Hours(1);
  EXPECT_EQ(Apply({Whole(SliceOf(0), later)}), 1);
  EXPECT_THAT(Claim().batch.slices, IsEmpty());
  const absl::Duration wait = *EventOf(0).next_attempt_time - absl::Now();
  EXPECT_NEAR(absl::ToDoubleMinutes(wait), 60, 2);
}

TEST_F(PostgresOperatorStoreTest, OnlyTheChosenPartOfASliceMoves) {
  Append(0, 5);
  EXPECT_EQ(Apply({{.read = SliceOf(0),
                    .parts = {{.part = Part(0, 1)},
                              {.part = Part(2, 2), .move = {{DeliveryState::kCanceled}}},
                              {.part = Part(3, 4)}}}}),
            1);
  EXPECT_EQ(EventOf(2).state, DeliveryState::kCanceled);
  EXPECT_EQ(EventOf(1).state, DeliveryState::kPending);
  EXPECT_EQ(EventOf(4).state, DeliveryState::kPending);
  EXPECT_THAT(EventOf(4).transitions, IsEmpty());
  EXPECT_EQ(Claim().batch.event_count, 4);
  ExpectCountsEqualARecount();
}

TEST_F(PostgresOperatorStoreTest, ASliceThatWasClaimedMeanwhileIsLeftAlone) {
  Append(0, 2);
  const SliceRow read = SliceOf(0);
  const Attempt attempt = Claim();
  EXPECT_EQ(Apply({Whole(read, {.to_state = DeliveryState::kCanceled})}), 0);
  EXPECT_EQ(EventOf(0).state, DeliveryState::kInFlight);
  // Back in its queue it is another slice than the one that was read.
  Record(attempt, AttemptOutcome::kNotSent, DeliveryState::kPending);
  EXPECT_EQ(Apply({Whole(read, {.to_state = DeliveryState::kCanceled})}), 0);
  EXPECT_EQ(EventOf(0).state, DeliveryState::kPending);
  EXPECT_EQ(Apply({Whole(SliceOf(0), {.to_state = DeliveryState::kCanceled})}), 2);
}

TEST_F(PostgresOperatorStoreTest, ASliceThatWasCutMeanwhileIsLeftAlone) {
  Append(0, 4);
  const SliceRow read = SliceOf(0);
  EXPECT_EQ(Apply({{.read = read,
                    .parts = {{.part = Part(0, 1), .move = {{DeliveryState::kCanceled}}},
                              {.part = Part(2, 3)}}}}),
            2);
  EXPECT_EQ(Apply({Whole(read, {.to_state = DeliveryState::kCanceled})}), 0);
  EXPECT_EQ(EventOf(3).state, DeliveryState::kPending);
}

// Nothing would send what was made open again there.
TEST_F(PostgresOperatorStoreTest, NothingOfADeletedDestinationMoves) {
  Append(0, 1);
  SendWith(AttemptOutcome::kRefused, DeliveryState::kRejected);
  const ActedSlice act = Whole(SliceOf(0), SendAgain(DeliveryState::kPending));
  Run("update destination set delete_time = now()");
  EXPECT_THAT(
      operators_.Apply(shard_, {act},
                       {.action = "CancelEvents", .reason = "CODE: why", .actor = "somebody"}),
      support::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(EventOf(0).state, DeliveryState::kRejected);
}

TEST_F(PostgresOperatorStoreTest, TheSameActTwiceMovesOnce) {
  Append(0, 2);
  const std::vector<ActedSlice> act = {Whole(SliceOf(0), {.to_state = DeliveryState::kCanceled})};
  EXPECT_EQ(Apply({act[0], act[0]}), 2);
  EXPECT_EQ(Apply(act), 0);
  EXPECT_THAT(EventOf(0).transitions, SizeIs(1));
}

// An act that moved something leaves one entry with their number, one that did not leaves none.
TEST_F(PostgresOperatorStoreTest, LeavesAnEntryInTheAuditLog) {
  PostgresAuditStore audit_log(pool());
  Append(0, 3);
  const SliceRow read = SliceOf(0);
  EXPECT_EQ(Apply({Whole(read, {.to_state = DeliveryState::kCanceled})}), 3);
  EXPECT_EQ(Apply({Whole(read, {.to_state = DeliveryState::kCanceled})}), 0);
  ASSERT_OK_AND_ASSIGN(const AuditPage page,
                       audit_log.List({.action = "CancelEvents"}, std::nullopt, 10));
  ASSERT_THAT(page.entries, SizeIs(1));
  EXPECT_EQ(page.entries[0].record.actor, "somebody");
  EXPECT_EQ(page.entries[0].record.target, "pixel-1");
  EXPECT_EQ(page.entries[0].record.detail_json, R"({"events":3,"reason":"CODE: why"})");
}

TEST_F(PostgresOperatorStoreTest, DoubtStaysDoubtWhateverAnOperatorDoes) {
  Append(0, 1);
  SendWith(AttemptOutcome::kUnknown, DeliveryState::kInDoubt);
  const absl::StatusOr<int64_t> forgotten =
      operators_.Apply(shard_, {{Whole(SliceOf(0), SendAgain(DeliveryState::kPending))}},
                       {.action = "CancelEvents", .reason = "CODE", .actor = "somebody"});
  EXPECT_FALSE(forgotten.ok());
  EXPECT_EQ(Apply({Whole(SliceOf(0), {.to_state = DeliveryState::kCanceled})}), 1);
  EXPECT_TRUE(EventOf(0).possibly_delivered);
  // Sent again inside the window it has: the first send is still known.
  EXPECT_EQ(Apply({Whole(SliceOf(0), SendAgain(DeliveryState::kInDoubt))}), 1);
  EXPECT_TRUE(EventOf(0).first_sent_time.has_value());
  EXPECT_TRUE(EventOf(0).possibly_delivered);
}

TEST_F(PostgresOperatorStoreTest, ANewWindowIsOnRecordThoughTheStateStays) {
  Append(0, 1);
  SendWith(AttemptOutcome::kUnknown, DeliveryState::kInDoubt);
  EXPECT_EQ(Apply({Whole(SliceOf(0), SendAgain(DeliveryState::kInDoubt, true))}), 1);
  const EventRow event = EventOf(0);
  EXPECT_FALSE(event.first_sent_time.has_value());
  ASSERT_THAT(event.transitions, SizeIs(1));
  EXPECT_EQ(event.transitions[0].to_state, DeliveryState::kInDoubt);
  const Attempt again = Claim();
  ASSERT_THAT(again.batch.slices, SizeIs(1));
  EXPECT_TRUE(again.batch.slices[0].doubted);
  EXPECT_FALSE(again.batch.slices[0].first_sent_time.has_value());
  EXPECT_TRUE(EventOf(0).first_sent_time.has_value());
  ExpectCountsEqualARecount();
}

TEST_F(PostgresOperatorStoreTest, WhatWasSetAsideIsCountedUntilItIsSentAgain) {
  Append(0, 2);
  Run("update lot set queue = 0, exceptional_state = state");
  ASSERT_OK_AND_ASSIGN(const ShardDelivery aside, deliveries_.Delivery(shard_));
  EXPECT_EQ(aside.set_aside, 2);
  EXPECT_EQ(Apply({Whole(SliceOf(0), SendAgain(DeliveryState::kPending))}), 2);
  ASSERT_OK_AND_ASSIGN(const ShardDelivery delivery, deliveries_.Delivery(shard_));
  EXPECT_EQ(delivery.set_aside, 0);
  EXPECT_EQ(Claim().batch.event_count, 2);
}

// Claims with all kinds of outcomes, acts on whole slices and parts, some of it folded.
TEST_F(PostgresOperatorStoreTest, CountsEqualARecountAfterManyRandomActs) {
  std::mt19937 random(17);
  const auto pick = [&](int count) { return static_cast<int>(random() % count); };
  for (int lot = 0; lot < 8; ++lot) Append(100 * lot, 1 + pick(12));
  for (int step = 0; step < 150; ++step) {
    if (pick(2) == 0) {
      const Attempt attempt = Claim();
      if (!attempt.batch.slices.empty()) {
        const bool doubted = attempt.batch.slices[0].doubted;
        const std::vector<std::pair<AttemptOutcome, DeliveryState>> outcomes = {
            {AttemptOutcome::kUnknown, DeliveryState::kInDoubt},
            {AttemptOutcome::kRefused,
             doubted ? DeliveryState::kExpiredInDoubt : DeliveryState::kRejected},
            {AttemptOutcome::kThrottled,
             doubted ? DeliveryState::kInDoubt : DeliveryState::kPending},
            {AttemptOutcome::kDelivered, DeliveryState::kDelivered}};
        const auto& [outcome, to_state] = outcomes[step % 20 == 0 ? 3 : pick(3)];
        Record(attempt, outcome, to_state);
      }
      continue;
    }
    const std::vector<SliceRow> slices = AllSlices();
    const SliceRow& row = slices[pick(static_cast<int>(slices.size()))];
    if (row.state == DeliveryState::kDelivered) continue;
    const DeliveryState queued =
        row.possibly_delivered ? DeliveryState::kInDoubt : DeliveryState::kPending;
    const std::vector<ActedMove> moves = {SendAgain(queued, pick(2) == 0),
                                          {.to_state = DeliveryState::kCanceled},
                                          {.to_state = DeliveryState::kDelivered}};
    const ActedMove& move = moves[step % 7 == 0 ? 2 : pick(2)];
    if (row.event_count == 1) {
      Apply({Whole(row, move)});
    } else {
      const auto cut = static_cast<int16_t>(row.key.first_position + pick(row.event_count - 1));
      Apply({{.read = row,
              .parts = {{.part = Part(row.key.first_position, cut), .move = move},
                        {.part = Part(static_cast<int16_t>(cut + 1), row.last_position)}}}});
    }
    if (step == 75) {
      // As if all that had happened an hour ago, and then folded.
      Run("update lot set received_time = received_time - interval '1 hour';"
          "update attempt set sent_time = sent_time - interval '1 hour',"
          "  recorded_time = recorded_time - interval '1 hour';"
          "update transition set transition_time = transition_time - interval '1 hour'");
      ASSERT_OK(deliveries_.Compact(shard_));
    }
    if (step % 10 == 0) ExpectCountsEqualARecount();
  }
  ExpectCountsEqualARecount();
}

}  // namespace
}  // namespace snapledger::storage
