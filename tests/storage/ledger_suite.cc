#include "tests/storage/ledger_suite.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "storage/random_uuid.h"
#include "storage/rollup.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Due = ParkedChange::Due;

constexpr int kEventBytes = 10;

std::string RollupOf(int64_t count) {
  return PackRollup({{{.name_label = 1, .supplied = 3, .usable = 1}, count}});
}

class PlainLot final : public LotComposer {
 public:
  explicit PlainLot(absl::Time oldest_event_time) : oldest_event_time_(oldest_event_time) {}

  absl::StatusOr<LotContents> Compose(int32_t, int64_t, const std::vector<bool>& is_new) override {
    const auto count = static_cast<int>(std::count(is_new.begin(), is_new.end(), true));
    return LotContents{.payload = "sealed",
                       .rollup = RollupOf(count),
                       .event_count = count,
                       .json_bytes = kEventBytes * count,
                       .oldest_event_time = oldest_event_time_};
  }

 private:
  const absl::Time oldest_event_time_;
};

ClaimDisposal Whole(size_t slice, const ClaimedSlice& claimed) {
  return {.slice = slice,
          .part = {.first_position = claimed.key.first_position,
                   .last_position = claimed.last_position,
                   .event_count = claimed.event_count}};
}

class SendAll final : public BatchComposer {
 public:
  absl::StatusOr<ComposedBatch> Compose(const std::vector<ClaimedSlice>& slices,
                                        absl::Time) override {
    ComposedBatch batch;
    for (size_t i = 0; i < slices.size(); ++i) {
      EXPECT_EQ(slices[i].payload, "sealed");
      batch.disposals.push_back(Whole(i, slices[i]));
      batch.event_count += slices[i].event_count;
    }
    return batch;
  }
};

// Sends the first events of what is claimed and parks the rest.
class SendFirst final : public BatchComposer {
 public:
  SendFirst(int16_t count, std::function<SlicePart(int16_t, int16_t)> part)
      : count_(count), part_(std::move(part)) {}

  absl::StatusOr<ComposedBatch> Compose(const std::vector<ClaimedSlice>& slices,
                                        absl::Time) override {
    using Kind = ClaimDisposal::Kind;
    ComposedBatch batch;
    for (size_t i = 0; i < slices.size(); ++i) {
      const int16_t first = slices[i].key.first_position;
      const int16_t last = slices[i].last_position;
      if (batch.event_count > 0) {
        batch.disposals.push_back({.kind = Kind::kPark, .slice = i, .part = part_(first, last)});
        continue;
      }
      const auto cut = static_cast<int16_t>(std::min<int>(last, first + count_ - 1));
      batch.event_count = cut - first + 1;
      batch.disposals.push_back({.kind = Kind::kSend, .slice = i, .part = part_(first, cut)});
      if (cut == last) continue;
      batch.disposals.push_back(
          {.kind = Kind::kPark, .slice = i, .part = part_(static_cast<int16_t>(cut + 1), last)});
    }
    return batch;
  }

 private:
  const int16_t count_;
  const std::function<SlicePart(int16_t, int16_t)> part_;
};

// Decides by itself what to do with the one slice it is given.
class DisposeParts final : public BatchComposer {
 public:
  explicit DisposeParts(std::vector<ClaimDisposal> disposals) : disposals_(std::move(disposals)) {}
  absl::StatusOr<ComposedBatch> Compose(const std::vector<ClaimedSlice>&, absl::Time) override {
    return ComposedBatch{.disposals = disposals_, .event_count = 1};
  }

 private:
  const std::vector<ClaimDisposal> disposals_;
};

}  // namespace

Uuid LedgerSuite::Key(int number) {
  return {static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number), 1};
}

std::unique_ptr<LotComposer> LedgerSuite::MakeComposer() const {
  return std::make_unique<PlainLot>(under_test_->Now() - absl::Minutes(1));
}

NewLot LedgerSuite::Lot(const std::vector<int>& keys, int64_t digest) {
  NewLot lot = {.shard = shard(), .composer = composer_.get()};
  for (const int key : keys) {
    lot.events.push_back({.event_key = Key(key),
                          .content_digest = digest,
                          .event_time = under_test_->Now(),
                          .name_label = 1,
                          .usable = 1});
  }
  return lot;
}

AppendedLot LedgerSuite::Append(const NewLot& lot) {
  const absl::StatusOr<std::vector<AppendedLot>> appended = ledger().Append({&lot, 1});
  EXPECT_OK(appended);
  return appended.ok() ? appended->at(0) : AppendedLot();
}

ClaimRequest LedgerSuite::NewClaim(absl::Duration lease) const {
  return {.shard = shard(),
          .lease = lease,
          .park_time = absl::Minutes(5),
          .attempt_id = RandomUuid(),
          .batch_id = RandomUuid(),
          .token_id = "t1"};
}

ClaimResult LedgerSuite::ClaimBy(const ClaimRequest& request, BatchComposer& composer) {
  claim_ = request;
  const absl::StatusOr<ClaimResult> claimed = ledger().Claim(request, composer);
  EXPECT_OK(claimed);
  return claimed.ok() ? *claimed : ClaimResult();
}

ClaimResult LedgerSuite::Claim(absl::Duration lease) {
  SendAll composer;
  return ClaimBy(NewClaim(lease), composer);
}

ClaimedBatch LedgerSuite::ClaimFirst(int16_t count, absl::Duration lease) {
  SendFirst composer(count, [this](int16_t first, int16_t last) { return Part(first, last); });
  return ClaimBy(NewClaim(lease), composer).batch;
}

RecordRequest LedgerSuite::Outcome(const ClaimedBatch& batch, AttemptOutcome outcome,
                                   DeliveryState to_state) const {
  RecordRequest request = {.shard = shard(),
                           .attempt_id = claim_.attempt_id,
                           .outcome = outcome,
                           .to_state = to_state,
                           .park_time = claim_.park_time};
  for (const ClaimedSlice& slice : batch.slices) {
    request.slices.push_back({.key = slice.key, .fence = slice.fence});
  }
  return request;
}

absl::StatusOr<RecordResult> LedgerSuite::Record(const RecordRequest& request) {
  return ledger().Record(request);
}

SlicePart LedgerSuite::Part(int16_t first, int16_t last) const {
  const int32_t count = last - first + 1;
  return {.first_position = first,
          .last_position = last,
          .event_count = count,
          .json_bytes = kEventBytes * count,
          .rollup = RollupOf(count),
          .oldest_event_time = under_test_->Now()};
}

TEST_P(LedgerSuite, AppendedEventsArePending) {
  EXPECT_THAT(Append(Lot({1, 2, 3})).held, IsEmpty());
  EXPECT_EQ(StateOf(2), DeliveryState::kPending);
  EXPECT_THAT(under_test_->Counts(), ElementsAre(Pair(DeliveryState::kPending, 3)));
}

TEST_P(LedgerSuite, ARepeatedKeyIsHeldWithItsFirstDigest) {
  Append(Lot({1, 2}, /*digest=*/7));
  const AppendedLot again = Append(Lot({2, 3}, /*digest=*/8));
  ASSERT_THAT(again.held, SizeIs(1));
  EXPECT_EQ(again.held[0].position, 0);
  EXPECT_EQ(again.held[0].content_digest, 7);
  EXPECT_THAT(under_test_->Counts(), ElementsAre(Pair(DeliveryState::kPending, 3)));
}

TEST_P(LedgerSuite, ACallOfOnlyRepeatsAppendsNothing) {
  Append(Lot({1, 2}));
  EXPECT_THAT(Append(Lot({1, 2})).held, SizeIs(2));
  EXPECT_THAT(under_test_->Counts(), ElementsAre(Pair(DeliveryState::kPending, 2)));
}

TEST_P(LedgerSuite, AClaimIsDeliveredOnce) {
  Append(Lot({1, 2}));
  Append(Lot({3}));
  const ClaimRequest claim = NewClaim();
  SendAll composer;
  const ClaimResult claimed = ClaimBy(claim, composer);
  ASSERT_EQ(claimed.kind, ClaimResult::Kind::kBatch);
  EXPECT_EQ(claimed.batch.event_count, 3);
  EXPECT_THAT(under_test_->Counts(), ElementsAre(Pair(DeliveryState::kInFlight, 3)));
  EXPECT_EQ(Claim().kind, ClaimResult::Kind::kNothing);

  claim_ = claim;
  ASSERT_OK_AND_ASSIGN(
      const RecordResult recorded,
      Record(Outcome(claimed.batch, AttemptOutcome::kDelivered, DeliveryState::kDelivered)));
  EXPECT_TRUE(recorded.fence_held);
  EXPECT_THAT(under_test_->Counts(), ElementsAre(Pair(DeliveryState::kDelivered, 3)));
  EXPECT_TRUE(under_test_->EventAt(Key(3)).final_time.has_value());
}

TEST_P(LedgerSuite, RecordingTheSameOutcomeAgainIsNoLateOutcome) {
  Append(Lot({1}));
  const RecordRequest outcome =
      Outcome(Claim().batch, AttemptOutcome::kDelivered, DeliveryState::kDelivered);
  ASSERT_OK(Record(outcome));
  ASSERT_OK_AND_ASSIGN(const RecordResult again, Record(outcome));
  EXPECT_TRUE(again.fence_held);
  EXPECT_THAT(under_test_->Counts(), ElementsAre(Pair(DeliveryState::kDelivered, 1)));
}

TEST_P(LedgerSuite, ALeaseThatEndsMakesDoubtAndALateSuccessEndsIt) {
  Append(Lot({1, 2}));
  const ClaimResult claimed = Claim(/*lease=*/-absl::Seconds(1));
  EXPECT_THAT(ledger().ReapLeases(shard()), support::IsOkAndHolds(1));
  EXPECT_THAT(ledger().ReapLeases(shard()), support::IsOkAndHolds(0));
  EXPECT_THAT(under_test_->Counts(), ElementsAre(Pair(DeliveryState::kInDoubt, 2)));
  ASSERT_OK_AND_ASSIGN(
      const RecordResult late,
      Record(Outcome(claimed.batch, AttemptOutcome::kDelivered, DeliveryState::kDelivered)));
  EXPECT_FALSE(late.fence_held);
  EXPECT_THAT(under_test_->Counts(), ElementsAre(Pair(DeliveryState::kDelivered, 2)));
}

TEST_P(LedgerSuite, ALateRefusalChangesNothing) {
  Append(Lot({1}));
  const ClaimResult claimed = Claim(/*lease=*/-absl::Seconds(1));
  ASSERT_OK(ledger().ReapLeases(shard()));
  ASSERT_OK_AND_ASSIGN(
      const RecordResult late,
      Record(Outcome(claimed.batch, AttemptOutcome::kRefused, DeliveryState::kRejected)));
  EXPECT_FALSE(late.fence_held);
  EXPECT_EQ(StateOf(1), DeliveryState::kInDoubt);
}

TEST_P(LedgerSuite, DoubtCannotBeForgotten) {
  Append(Lot({1}));
  ASSERT_OK(Record(Outcome(Claim().batch, AttemptOutcome::kUnknown, DeliveryState::kInDoubt)));
  const ClaimResult claimed = Claim();
  ASSERT_EQ(claimed.kind, ClaimResult::Kind::kBatch);
  EXPECT_TRUE(claimed.batch.slices[0].doubted);
  for (const DeliveryState forgotten : {DeliveryState::kPending, DeliveryState::kRejected,
                                        DeliveryState::kExpired, DeliveryState::kExhausted}) {
    EXPECT_FALSE(Record(Outcome(claimed.batch, AttemptOutcome::kNotSent, forgotten)).ok());
  }
  EXPECT_OK(Record(Outcome(claimed.batch, AttemptOutcome::kNotSent, DeliveryState::kInDoubt)));
  EXPECT_EQ(StateOf(1), DeliveryState::kInDoubt);
}

TEST_P(LedgerSuite, FreshAndDoubtfulEventsAreNeverClaimedTogether) {
  Append(Lot({1}));
  const ClaimResult claimed = Claim();
  Append(Lot({2}));
  ASSERT_OK(Record(Outcome(claimed.batch, AttemptOutcome::kUnknown, DeliveryState::kInDoubt)));
  std::set<bool> doubted;
  for (int i = 0; i < 2; ++i) {
    const ClaimResult next = Claim();
    ASSERT_EQ(next.kind, ClaimResult::Kind::kBatch);
    EXPECT_EQ(next.batch.event_count, 1);
    doubted.insert(next.batch.slices[0].doubted);
  }
  EXPECT_THAT(doubted, SizeIs(2));
}

TEST_P(LedgerSuite, ThrottlingShutsTheGate) {
  Append(Lot({1}));
  RecordRequest throttled =
      Outcome(Claim().batch, AttemptOutcome::kThrottled, DeliveryState::kPending);
  throttled.shut_gate_for = absl::Minutes(10);
  ASSERT_OK(Record(throttled));
  EXPECT_EQ(StateOf(1), DeliveryState::kPending);
  const ClaimResult shut = Claim();
  EXPECT_EQ(shut.kind, ClaimResult::Kind::kGateShut);
  EXPECT_GT(shut.gate_opens_in, absl::Minutes(9));
}

TEST_P(LedgerSuite, TheRateHoldsAcrossClaims) {
  Append(Lot({1}));
  Append(Lot({2}));
  SendAll composer;
  ClaimRequest claim = NewClaim();
  claim.events_max = 1;
  claim.send_interval = absl::Minutes(1);
  EXPECT_EQ(ClaimBy(claim, composer).kind, ClaimResult::Kind::kBatch);
  claim.attempt_id = RandomUuid();
  claim.batch_id = RandomUuid();
  EXPECT_EQ(ClaimBy(claim, composer).kind, ClaimResult::Kind::kGateShut);
}

TEST_P(LedgerSuite, AnEmptyClaimUsesUpNoTurn) {
  SendAll composer;
  ClaimRequest claim = NewClaim();
  claim.send_interval = absl::Minutes(1);
  EXPECT_EQ(ClaimBy(claim, composer).kind, ClaimResult::Kind::kNothing);
  Append(Lot({1}));
  EXPECT_EQ(Claim().kind, ClaimResult::Kind::kBatch);
}

TEST_P(LedgerSuite, APausedDestinationIsNotClaimed) {
  Append(Lot({1}));
  under_test_->SetPaused(true);
  const ClaimResult shut = Claim();
  EXPECT_EQ(shut.kind, ClaimResult::Kind::kGateShut);
  EXPECT_EQ(shut.gate_opens_in, absl::InfiniteDuration());
  under_test_->SetPaused(false);
  EXPECT_EQ(Claim().kind, ClaimResult::Kind::kBatch);
}

TEST_P(LedgerSuite, ClaimsRespectTheEventLimit) {
  for (int i = 0; i < 10; ++i) Append(Lot({3 * i, 3 * i + 1, 3 * i + 2}));
  SendAll composer;
  ClaimRequest claim = NewClaim();
  claim.events_max = 10;
  const ClaimResult claimed = ClaimBy(claim, composer);
  EXPECT_EQ(claimed.batch.event_count, 9);
  EXPECT_THAT(claimed.batch.slices, SizeIs(3));
}

// A refused lot is cut in two groups; each is claimed alone.
TEST_P(LedgerSuite, ARefusedLotIsCutIntoGroups) {
  Append(Lot({0, 1, 2, 3}));
  RecordRequest refused = Outcome(Claim().batch, AttemptOutcome::kRefused, DeliveryState::kPending);
  refused.slices[0].parts = {{.part = Part(0, 2), .isolation_group = RandomUuid()},
                             {.part = Part(3, 3), .isolation_group = RandomUuid()}};
  ASSERT_OK(Record(refused));
  Append(Lot({10}));
  std::vector<int> sizes;
  for (int i = 0; i < 3; ++i) {
    const ClaimResult next = Claim();
    ASSERT_EQ(next.kind, ClaimResult::Kind::kBatch);
    sizes.push_back(next.batch.event_count);
    const bool last = next.batch.slices[0].key.first_position == 3;
    ASSERT_OK(
        Record(Outcome(next.batch, last ? AttemptOutcome::kRefused : AttemptOutcome::kDelivered,
                       last ? DeliveryState::kRejected : DeliveryState::kDelivered)));
  }
  EXPECT_THAT(sizes, UnorderedElementsAre(3, 1, 1));
  EXPECT_EQ(StateOf(3), DeliveryState::kRejected);
  EXPECT_THAT(under_test_->Counts(),
              ElementsAre(Pair(DeliveryState::kDelivered, 4), Pair(DeliveryState::kRejected, 1)));
}

TEST_P(LedgerSuite, AClaimSettlesWhatMustNotBeSent) {
  Append(Lot({0, 1, 2, 3}));
  using Kind = ClaimDisposal::Kind;
  DisposeParts composer({{.kind = Kind::kFinal,
                          .part = Part(0, 0),
                          .final_state = DeliveryState::kExpired,
                          .reason = "TOO_OLD"},
                         {.kind = Kind::kSend, .part = Part(1, 1)},
                         {.kind = Kind::kSetAside, .part = Part(2, 2), .reason = "UNREADABLE"},
                         {.kind = Kind::kIsolate, .part = Part(3, 3), .reason = "ALONE"}});
  ASSERT_EQ(ClaimBy(NewClaim(), composer).kind, ClaimResult::Kind::kBatch);
  EXPECT_EQ(StateOf(1), DeliveryState::kInFlight);
  EXPECT_EQ(StateOf(2), DeliveryState::kPending);
  const LedgerUnderTest::Event expired = under_test_->EventAt(Key(0));
  EXPECT_EQ(expired.state, DeliveryState::kExpired);
  EXPECT_THAT(expired.transition_reasons, ElementsAre("TOO_OLD"));
  const ClaimResult isolated = Claim();
  ASSERT_EQ(isolated.kind, ClaimResult::Kind::kBatch);
  EXPECT_TRUE(isolated.batch.isolation_group.has_value());
  EXPECT_EQ(isolated.batch.slices[0].key.first_position, 3);
  EXPECT_EQ(Claim().kind, ClaimResult::Kind::kNothing);
  EXPECT_THAT(under_test_->Counts(),
              ElementsAre(Pair(DeliveryState::kPending, 1), Pair(DeliveryState::kInFlight, 2),
                          Pair(DeliveryState::kExpired, 1)));
}

TEST_P(LedgerSuite, ARequestBesideTheAttemptsTakesATurn) {
  Append(Lot({1}));
  ASSERT_OK_AND_ASSIGN(std::optional<absl::Duration> turn,
                       ledger().TakeTurn(shard(), absl::Minutes(1)));
  EXPECT_EQ(turn, absl::ZeroDuration());
  SendAll composer;
  ClaimRequest claim = NewClaim();
  claim.send_interval = absl::Minutes(1);
  const ClaimResult shut = ClaimBy(claim, composer);
  EXPECT_EQ(shut.kind, ClaimResult::Kind::kGateShut);
  EXPECT_GT(shut.gate_opens_in, absl::Seconds(50));
  ASSERT_OK_AND_ASSIGN(turn, ledger().TakeTurn(shard(), absl::Minutes(1)));
  EXPECT_GT(turn, absl::Seconds(50));
  EXPECT_LE(turn, absl::Minutes(1));
}

TEST_P(LedgerSuite, NoTurnIsTakenWhileTheGateIsShut) {
  Append(Lot({1}));
  RecordRequest request =
      Outcome(Claim().batch, AttemptOutcome::kThrottled, DeliveryState::kPending);
  request.shut_gate_for = absl::Minutes(1);
  ASSERT_OK(Record(request));
  EXPECT_THAT(ledger().TakeTurn(shard(), absl::Seconds(1)), support::IsOkAndHolds(std::nullopt));
}

void LedgerIsolationSuite::SetUp() { Append(Lot({0, 1, 2, 3, 4, 5})); }

void LedgerIsolationSuite::IsolateAll(std::vector<SliceOutcome::Part> parts) {
  RecordRequest request =
      Outcome(ClaimFirst(kEvents), AttemptOutcome::kRefused, DeliveryState::kPending);
  request.slices.at(0).parts = std::move(parts);
  ASSERT_OK(Record(request));
}

SliceOutcome::Part LedgerIsolationSuite::InGroup(int16_t first, int16_t last, IsolationStage stage,
                                                 bool parked) const {
  return {.part = Part(first, last),
          .isolation_group = kGroup,
          .isolation_stage = stage,
          .parked = parked};
}

void LedgerIsolationSuite::RecordParked(RecordRequest request, bool forget, Due due,
                                        IsolationStage batch_stage) {
  request.parked = {
      .isolation_group = kGroup, .batch_stage = batch_stage, .forget = forget, .due = due};
  EXPECT_OK(Record(request));
}

TEST_P(LedgerIsolationSuite, WhatAValidationNamesLeavesTheAttemptByItself) {
  const SliceOutcome::Part named = {
      .part = Part(2, 3),
      .departure = Departure{.reason = "REFUSED_BY_SNAP", .snap_reason = "bad hash"}};
  IsolateAll({InGroup(0, 1, IsolationStage::kValidated), named,
              InGroup(4, 5, IsolationStage::kValidated)});
  EXPECT_THAT(under_test_->Counts(),
              ElementsAre(Pair(DeliveryState::kPending, 4), Pair(DeliveryState::kRejected, 2)));
  const LedgerUnderTest::Event refused = under_test_->EventAt(Key(3));
  EXPECT_EQ(refused.state_reason, "REFUSED_BY_SNAP");
  EXPECT_TRUE(refused.final_time.has_value() && refused.first_sent_time.has_value());
  EXPECT_FALSE(refused.next_attempt_time.has_value());
  const ClaimedBatch rest = ClaimFirst(kEvents);
  EXPECT_EQ(rest.event_count, 2);  // the first of its slices; the other is parked by this composer
  EXPECT_EQ(rest.isolation_group, kGroup);
  EXPECT_EQ(rest.isolation_stage, IsolationStage::kValidated);
}

TEST_P(LedgerIsolationSuite, WhatIsParkedIsNotDue) {
  IsolateAll({InGroup(0, 5, IsolationStage::kHoldsRefused)});
  EXPECT_EQ(ClaimFirst(2).event_count, 2);
  EXPECT_EQ(ClaimFirst(kEvents).event_count, 0);
  EXPECT_GT(under_test_->EventAt(Key(5)).next_attempt_time, under_test_->Now() + absl::Minutes(3));
}

TEST_P(LedgerIsolationSuite, ThePartThatIsGoodLeavesTheSuspicionWithTheRest) {
  IsolateAll({InGroup(0, 1, IsolationStage::kValidated, /*parked=*/true),
              InGroup(2, 5, IsolationStage::kHoldsRefused)});
  const ClaimedBatch tested = ClaimFirst(2);
  EXPECT_EQ(tested.isolation_stage, IsolationStage::kHoldsRefused);
  RecordParked(Outcome(tested, AttemptOutcome::kDelivered, DeliveryState::kDelivered),
               /*forget=*/false, Due::kHighestStage, tested.isolation_stage);
  const ClaimedBatch rest = ClaimFirst(kEvents);
  ASSERT_THAT(rest.slices, SizeIs(1));
  EXPECT_EQ(rest.slices[0].key.first_position, 4);
  EXPECT_EQ(rest.isolation_stage, IsolationStage::kHoldsRefused);
  EXPECT_EQ(StateOf(0), DeliveryState::kPending);
}

TEST_P(LedgerIsolationSuite, ThePartThatIsRefusedTakesTheSuspicionOffTheRest) {
  IsolateAll({InGroup(0, 5, IsolationStage::kHoldsRefused)});
  ClaimedBatch tested = ClaimFirst(2);
  RecordRequest refused = Outcome(tested, AttemptOutcome::kRefused, DeliveryState::kPending);
  refused.slices.at(0).parts = {InGroup(0, 1, IsolationStage::kHoldsRefused)};
  RecordParked(refused, /*forget=*/true, Due::kNone, tested.isolation_stage);
  tested = ClaimFirst(1);
  EXPECT_EQ(tested.event_count, 1);
  RecordParked(Outcome(tested, AttemptOutcome::kRefused, DeliveryState::kRejected),
               /*forget=*/true, Due::kHighestStage, tested.isolation_stage);
  EXPECT_EQ(StateOf(0), DeliveryState::kRejected);
  const ClaimedBatch rest = ClaimFirst(1);
  EXPECT_EQ(rest.isolation_stage, IsolationStage::kValidated);
  ASSERT_THAT(rest.slices, SizeIs(1));
  EXPECT_EQ(rest.slices[0].key.first_position, 1);
  EXPECT_EQ(ClaimFirst(kEvents).event_count, 0);  // its other slices are parked
}

TEST_P(LedgerIsolationSuite, WhatIsPutBackIsClaimedWithWhatWasParkedForIt) {
  IsolateAll({InGroup(0, 0, IsolationStage::kValidated, /*parked=*/true),
              InGroup(1, 5, IsolationStage::kHoldsRefused)});
  const ClaimedBatch tested = ClaimFirst(2);
  RecordParked(Outcome(tested, AttemptOutcome::kThrottled, DeliveryState::kPending),
               /*forget=*/false, Due::kSameStage, tested.isolation_stage);
  const ClaimedBatch again = ClaimFirst(2);
  ASSERT_FALSE(again.slices.empty());
  EXPECT_EQ(again.slices[0].key.first_position, 1);
  EXPECT_EQ(again.isolation_stage, IsolationStage::kHoldsRefused);
  EXPECT_EQ(ClaimFirst(kEvents).event_count, 0);
  under_test_->MakeGroupsDue();
  EXPECT_EQ(ClaimFirst(kEvents).isolation_stage, IsolationStage::kValidated);
}

TEST_P(LedgerIsolationSuite, ALeaseThatEndsReleasesWhatWasParked) {
  IsolateAll({InGroup(0, 5, IsolationStage::kHoldsRefused)});
  ClaimFirst(2, /*lease=*/-absl::Seconds(1));
  EXPECT_THAT(ledger().ReapLeases(shard()), support::IsOkAndHolds(1));
  EXPECT_THAT(under_test_->Counts(),
              ElementsAre(Pair(DeliveryState::kPending, 4), Pair(DeliveryState::kInDoubt, 2)));
  for (int i = 0; i < 2; ++i) {
    const ClaimedBatch batch = ClaimFirst(kEvents);
    ASSERT_FALSE(batch.slices.empty());
    const bool doubted = batch.slices[0].doubted;
    EXPECT_EQ(batch.event_count, doubted ? 2 : 4);
    EXPECT_EQ(batch.isolation_group == kGroup, !doubted);
    EXPECT_EQ(batch.isolation_stage, IsolationStage::kValidated);
  }
}

TEST_P(LedgerIsolationSuite, WhatWaitsForAnotherReasonIsNotReleased) {
  IsolateAll({InGroup(0, 2, IsolationStage::kUnknown, /*parked=*/true),
              InGroup(3, 5, IsolationStage::kHoldsRefused)});
  const ClaimedBatch tested = ClaimFirst(kEvents);
  RecordParked(Outcome(tested, AttemptOutcome::kDelivered, DeliveryState::kDelivered),
               /*forget=*/true, Due::kHighestStage, tested.isolation_stage);
  EXPECT_EQ(ClaimFirst(kEvents).event_count, 0);
}

}  // namespace snapledger::storage
