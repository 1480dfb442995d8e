#include "services/ingest/commit_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/lots/open_lot.h"
#include "services/lots/sealed_lot.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

EncodedEvent Event(uint8_t key, int64_t digest = 1, bool suppressed = false) {
  EncodedEvent event;
  event.key[0] = key;
  event.content_digest = digest;
  event.json = "{\"k\":" + std::to_string(key) + "}";
  event.suppressed = suppressed;
  event.lookup_keys = {key, 7};
  return event;
}

class CommitPlanTest : public ::testing::Test {
 protected:
  CommitPlanTest() {
    keys_.key_encryption_keys[1] = base::Secret(std::string(32, 'k'));
    destination_.stored.shards = {1};
    other_destination_.stored.shards = {2};
  }

  CommitPlan Plan(std::vector<EncodedEvent> events) {
    events_ = std::move(events);
    placed_.clear();
    for (const EncodedEvent& event : events_) {
      placed_.push_back({&event, event.key[15] == kOther ? &other_destination_ : &destination_});
    }
    return CommitPlan(placed_, envelope_);
  }

  static constexpr uint8_t kOther = 1;  // last byte of keys that go to the other destination

  std::vector<EncodedEvent> events_;
  std::vector<PlacedEvent> placed_;
  destinations::ActiveDestination destination_, other_destination_;
  support::FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  support::FakeDataKeyStore data_keys_;
  security::KeyRing keys_;
  security::Envelope envelope_{keys_, data_keys_, clock_};
};

TEST_F(CommitPlanTest, GathersEventsOfAShardInOneLot) {
  EncodedEvent other = Event(2);
  other.key[15] = kOther;
  const CommitPlan plan = Plan({Event(1), other, Event(3)});
  ASSERT_THAT(plan.lots(), SizeIs(2));
  EXPECT_THAT(plan.lots()[0].events, SizeIs(2));
  EXPECT_THAT(plan.Outcomes({{}, {}}), ElementsAre(StoredAs::kNew, StoredAs::kNew, StoredAs::kNew));
  EXPECT_THAT(plan.ShardsToSend({{}, {}}), ElementsAre(1, 2));
}

TEST_F(CommitPlanTest, ATwinInTheGroupIsADuplicateOrAConflict) {
  const CommitPlan plan = Plan({Event(1, 5), Event(1, 5), Event(1, 6)});
  ASSERT_THAT(plan.lots(), SizeIs(1));
  EXPECT_THAT(plan.lots()[0].events, SizeIs(1));
  EXPECT_THAT(plan.Outcomes({{}}),
              ElementsAre(StoredAs::kNew, StoredAs::kDuplicate, StoredAs::kConflict));
}

TEST_F(CommitPlanTest, WhatTheLedgerHeldDecidesForTwinsToo) {
  const CommitPlan plan = Plan({Event(1, 5), Event(1, 6), Event(2, 5)});
  const std::vector<storage::AppendedLot> appended = {
      {.held = {{.position = 0, .content_digest = 6}}}};
  EXPECT_THAT(plan.Outcomes(appended),
              ElementsAre(StoredAs::kConflict, StoredAs::kDuplicate, StoredAs::kNew));
}

// Recorded before digests were keyed.
TEST_F(CommitPlanTest, APlainDigestInTheLedgerIsCompared) {
  std::vector<EncodedEvent> events = {Event(1, 5), Event(2, 5)};
  for (EncodedEvent& event : events) event.plain_content_digest = 8;
  const CommitPlan plan = Plan(std::move(events));
  const std::vector<storage::AppendedLot> appended = {
      {.held = {{.position = 0, .content_digest = 8}, {.position = 1, .content_digest = 9}}}};
  EXPECT_THAT(plan.Outcomes(appended), ElementsAre(StoredAs::kDuplicate, StoredAs::kConflict));
}

TEST_F(CommitPlanTest, SuppressedEventsHaveALotOfTheirOwnAndNothingToSend) {
  const CommitPlan plan = Plan({Event(1, 1, /*suppressed=*/true)});
  ASSERT_THAT(plan.lots(), SizeIs(1));
  EXPECT_TRUE(plan.lots()[0].suppressed);
  EXPECT_THAT(plan.ShardsToSend({{}}), ::testing::IsEmpty());
}

// Four lanes now, one before: each event is put where it belongs now and asked for where it was.
TEST_F(CommitPlanTest, ALotNamesTheShardsItsKeysBelongedTo) {
  destination_.stored.shards = {1, 5, 6, 7};
  destination_.stored.settings.lane_count = 4;
  destination_.stored.former_lane_counts = {{.lane_count = 1, .identity_holds = true},
                                            {.lane_count = 2, .identity_holds = false}};
  destination_.stored.lane_epoch = 9;
  std::vector<EncodedEvent> events = {Event(10), Event(11), Event(12)};
  events[0].key[7] = 1;
  events[1].key[7] = 4;
  events[2].key[7] = 1;
  const CommitPlan plan = Plan(std::move(events));
  ASSERT_THAT(plan.lots(), SizeIs(2));
  EXPECT_EQ(plan.lots()[0].shard, 5);
  EXPECT_EQ(plan.lots()[0].lane_epoch, 9);
  ASSERT_THAT(plan.lots()[0].former_shards, SizeIs(1));
  EXPECT_EQ(plan.lots()[0].former_shards[0].shard, 1);
  EXPECT_THAT(plan.lots()[0].former_shards[0].positions, ElementsAre(0, 1));
  EXPECT_EQ(plan.lots()[1].shard, 1);
  EXPECT_THAT(plan.lots()[1].former_shards, ::testing::IsEmpty());
}

TEST_F(CommitPlanTest, ALotHoldsNoMoreThanARequestMay) {
  std::vector<EncodedEvent> events;
  for (int i = 0; i < 2500; ++i) {
    events.push_back(Event(static_cast<uint8_t>(i)));
    events.back().key[1] = static_cast<uint8_t>(i >> 8);
  }
  const CommitPlan plan = Plan(std::move(events));
  ASSERT_THAT(plan.lots(), SizeIs(2));
  EXPECT_THAT(plan.lots()[0].events, SizeIs(2000));
}

TEST_F(CommitPlanTest, ComposesFramesKeysAndCountsOfWhatIsNew) {
  const CommitPlan plan = Plan({Event(1), Event(2), Event(3)});
  ASSERT_OK_AND_ASSIGN(const storage::LotContents contents,
                       plan.lots()[0].composer->Compose(1, 77, {true, false, true}));
  EXPECT_EQ(contents.event_count, 2);
  EXPECT_THAT(contents.lookup_keys, ElementsAre(1, 3, 7));
  ASSERT_OK_AND_ASSIGN(const std::string raw,
                       envelope_.OpenLot(contents.payload, {.shard = 1, .lot_id = 77}));
  ASSERT_OK_AND_ASSIGN(const std::vector<event::Frame> frames, event::ParseLot(raw));
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_EQ(frames[0].json, "{\"k\":1}");
  EXPECT_TRUE(frames[1].empty());
  EXPECT_EQ(frames[2].json, "{\"k\":3}");
}

TEST_F(CommitPlanTest, SealsALongLotInPieces) {
  std::vector<EncodedEvent> events;
  for (int i = 0; i < 2 * storage::kPieceEvents + 1; ++i) {
    events.push_back(Event(static_cast<uint8_t>(i)));
  }
  const CommitPlan plan = Plan(std::move(events));
  std::vector<bool> is_new(plan.lots()[0].events.size(), true);
  is_new[storage::kPieceEvents - 1] = false;
  ASSERT_OK_AND_ASSIGN(const storage::LotContents contents,
                       plan.lots()[0].composer->Compose(1, 77, is_new));
  const security::LotPlace place = {.shard = 1, .lot_id = 77};
  ASSERT_OK_AND_ASSIGN(const auto lot, lots::OpenLot::Open(envelope_, contents.payload, place));
  ASSERT_THAT(lot->frames(), SizeIs(is_new.size()));
  EXPECT_TRUE(lot->frames()[storage::kPieceEvents - 1].empty());
  EXPECT_EQ(lot->frames()[storage::kPieceEvents].json, "{\"k\":64}");
  ASSERT_THAT(contents.piece_bounds, SizeIs(4));
  const std::string_view last =
      std::string_view(contents.payload).substr(static_cast<size_t>(contents.piece_bounds[2]));
  ASSERT_OK_AND_ASSIGN(const auto piece,
                       lots::OpenLot::OpenPiece(envelope_, last, place, lots::PieceOf(2, 3)));
  ASSERT_THAT(piece->frames(), SizeIs(1));
  EXPECT_EQ(piece->frames()[0].json, "{\"k\":128}");
}

}  // namespace
}  // namespace snapledger::ingest
