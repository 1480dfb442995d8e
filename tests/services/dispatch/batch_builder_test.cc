#include "services/dispatch/batch_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::dispatch {
namespace {

using Kind = storage::ClaimDisposal::Kind;
using storage::DeliveryState;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr int32_t kShard = 3;
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class BatchBuilderTest : public ::testing::Test {
 protected:
  BatchBuilderTest() { keys_.key_encryption_keys[1] = base::Secret(std::string(32, 'k')); }

  // A slice over a whole lot of events with these ages; a negative age is an empty frame.
  storage::ClaimedSlice Slice(int64_t lot_id, const std::vector<absl::Duration>& ages) {
    storage::ClaimedSlice slice = {.key = {.lot_id = lot_id},
                                   .last_position = static_cast<int16_t>(ages.size() - 1),
                                   .oldest_event_time = absl::InfiniteFuture()};
    std::string raw;
    for (size_t i = 0; i < ages.size(); ++i) {
      if (ages[i] < absl::ZeroDuration()) {
        event::AppendEmptyFrame(&raw);
        continue;
      }
      const absl::Time time = kNow - ages[i];
      event::AppendFrame({.event_time_seconds = absl::ToUnixSeconds(time), .name_label = 1},
                         "{\"event\":" + std::to_string(100 * lot_id + i) + "}", &raw);
      slice.oldest_event_time = std::min(slice.oldest_event_time, time);
      ++slice.event_count;
    }
    slice.payload = envelope_.SealLot(raw, {.shard = kShard, .lot_id = lot_id}).value();
    return slice;
  }

  storage::ComposedBatch Compose(const std::vector<storage::ClaimedSlice>& slices) {
    absl::StatusOr<storage::ComposedBatch> composed = builder_.Compose(slices, kNow);
    EXPECT_OK(composed);
    return *composed;
  }

  support::FakeClock clock_{kNow};
  support::FakeDataKeyStore data_keys_;
  security::KeyRing keys_;
  security::Envelope envelope_{keys_, data_keys_, clock_};
  storage::DestinationSettings settings_;
  BatchBuilder builder_{kShard, envelope_, settings_};
};

TEST_F(BatchBuilderTest, FramesTheFrozenBytesInOrder) {
  const storage::ComposedBatch composed = Compose(
      {Slice(1, {absl::Hours(1), -absl::Hours(1), absl::Hours(2)}), Slice(2, {absl::Hours(1)})});
  EXPECT_EQ(builder_.body(), R"({"data":[{"event":100},{"event":102},{"event":200}]})");
  EXPECT_EQ(composed.event_count, 3);
  EXPECT_EQ(composed.body_sha256, BodySha256(builder_.body()));
  ASSERT_THAT(composed.disposals, SizeIs(2));
  EXPECT_EQ(composed.disposals[0].kind, Kind::kSend);
}

TEST_F(BatchBuilderTest, AnEventThatBecameTooOldExpiresAlone) {
  const storage::ComposedBatch composed =
      Compose({Slice(1, {absl::Hours(1), absl::Hours(200), absl::Hours(2)})});
  EXPECT_EQ(builder_.body(), R"({"data":[{"event":100},{"event":102}]})");
  ASSERT_THAT(composed.disposals, SizeIs(3));
  EXPECT_EQ(composed.disposals[1].kind, Kind::kFinal);
  EXPECT_EQ(composed.disposals[1].final_state, DeliveryState::kExpired);
  EXPECT_EQ(composed.disposals[1].part.first_position, 1);
  EXPECT_EQ(composed.disposals[1].part.last_position, 1);
  EXPECT_EQ(composed.event_count, 2);
}

TEST_F(BatchBuilderTest, DoubtOutsideItsWindowEndsAsDoubt) {
  storage::ClaimedSlice slice = Slice(1, {absl::Hours(60)});
  slice.doubted = true;
  slice.first_sent_time = kNow - absl::Hours(50);
  const storage::ComposedBatch composed = Compose({slice});
  ASSERT_THAT(composed.disposals, SizeIs(1));
  EXPECT_EQ(composed.disposals[0].final_state, DeliveryState::kExpiredInDoubt);
  EXPECT_EQ(composed.disposals[0].reason, "WINDOW_CLOSED");
  EXPECT_EQ(composed.event_count, 0);
}

TEST_F(BatchBuilderTest, AnUnreadableLotIsSetAsideAndItsNeighbourSent) {
  storage::ClaimedSlice damaged = Slice(1, {absl::Hours(1)});
  damaged.payload.back() ^= 1;
  const storage::ComposedBatch composed = Compose({damaged, Slice(2, {absl::Hours(1)})});
  ASSERT_THAT(composed.disposals, SizeIs(2));
  EXPECT_EQ(composed.disposals[0].kind, Kind::kSetAside);
  EXPECT_EQ(composed.disposals[1].kind, Kind::kSend);
  EXPECT_EQ(builder_.body(), R"({"data":[{"event":200}]})");
}

TEST_F(BatchBuilderTest, AKeyThatCannotBeHadNowGivesTheClaimUp) {
  const storage::ClaimedSlice slice = Slice(1, {absl::Hours(1)});
  data_keys_.FailWith(absl::UnavailableError("the database is away"));
  security::Envelope without_keys(keys_, data_keys_, clock_);
  BatchBuilder builder(kShard, without_keys, settings_);
  EXPECT_THAT(builder.Compose({slice}, kNow), support::StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(BatchBuilderTest, WhatARequestMayNotCarryStaysInTheQueue) {
  settings_.max_events_per_request = 2;
  const storage::ComposedBatch composed = Compose(
      {Slice(1, {absl::Hours(1), absl::Hours(1), absl::Hours(1)}), Slice(2, {absl::Hours(1)})});
  EXPECT_EQ(composed.event_count, 2);
  EXPECT_EQ(builder_.body(), R"({"data":[{"event":100},{"event":101}]})");
  ASSERT_THAT(composed.disposals, SizeIs(3));
  EXPECT_EQ(composed.disposals[0].part.last_position, 1);
  EXPECT_EQ(composed.disposals[1].kind, Kind::kLeave);
  EXPECT_EQ(composed.disposals[1].part.first_position, 2);
  EXPECT_EQ(composed.disposals[2].kind, Kind::kLeave);
}

TEST_F(BatchBuilderTest, OfAGroupThatHoldsARefusedEventHalfIsSentAndTheRestParked) {
  std::vector<storage::ClaimedSlice> slices = {
      Slice(1, {absl::Hours(1), -absl::Hours(1), absl::Hours(1), absl::Hours(1)}),
      Slice(2, {absl::Hours(1)})};
  for (storage::ClaimedSlice& slice : slices) {
    slice.isolation_stage = storage::IsolationStage::kHoldsRefused;
  }
  const storage::ComposedBatch composed = Compose(slices);
  EXPECT_EQ(builder_.body(), R"({"data":[{"event":100},{"event":102}]})");
  ASSERT_THAT(composed.disposals, SizeIs(3));
  EXPECT_EQ(composed.disposals[1].kind, Kind::kPark);
  EXPECT_EQ(composed.disposals[1].part.first_position, 3);
  EXPECT_EQ(composed.disposals[2].kind, Kind::kPark);

  // One whose stage is another: what is known holds for all of them.
  slices[1].isolation_stage = storage::IsolationStage::kValidated;
  EXPECT_EQ(Compose(slices).event_count, 4);
}

TEST_F(BatchBuilderTest, NamedEventsAreSentOneByOne) {
  storage::ClaimedSlice slice = Slice(1, {absl::Hours(1), absl::Hours(1), absl::Hours(1)});
  slice.isolation_stage = storage::IsolationStage::kNamed;
  EXPECT_EQ(Compose({slice}).event_count, 1);
  EXPECT_EQ(builder_.body(), R"({"data":[{"event":100}]})");
}

TEST_F(BatchBuilderTest, EventsWhoseOwnersVanishedThreeTimesAreSentOneByOne) {
  storage::ClaimedSlice slice = Slice(1, {absl::Hours(1), -absl::Hours(1), absl::Hours(1)});
  slice.vanished_owners = kVanishedOwnersMax;
  const storage::ComposedBatch composed = Compose({slice});
  ASSERT_THAT(composed.disposals, SizeIs(2));
  for (const storage::ClaimDisposal& disposal : composed.disposals) {
    EXPECT_EQ(disposal.kind, Kind::kIsolate);
    EXPECT_EQ(disposal.part.event_count, 1);
  }
  EXPECT_EQ(composed.disposals[0].part.last_position, 1);
  EXPECT_EQ(composed.event_count, 0);

  storage::ClaimedSlice alone = Slice(2, {absl::Hours(1)});
  alone.vanished_owners = kVanishedOwnersMax;
  EXPECT_EQ(Compose({alone}).event_count, 1);
}

}  // namespace
}  // namespace snapledger::dispatch
