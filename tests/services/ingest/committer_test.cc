#include "services/ingest/committer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "absl/synchronization/notification.h"
#include "tests/services/destinations/fake_destination_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::ingest {
namespace {

using support::StatusIs;
using ::testing::ElementsAre;

// Takes every append whose lanes are those in force.
class FakeLedger final : public storage::Ledger {
 public:
  absl::StatusOr<std::vector<storage::AppendedLot>> Append(
      absl::Span<const storage::NewLot> lots) override {
    if (before_append) before_append();
    for (const storage::NewLot& lot : lots) {
      if (lot.lane_epoch != lane_epoch) return storage::LanesChangedError();
    }
    for (const storage::NewLot& lot : lots) shards.push_back(lot.shard);
    return std::vector<storage::AppendedLot>(lots.size());
  }
  absl::StatusOr<std::vector<int32_t>> DueShards(absl::Span<const int32_t>) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<storage::ClaimResult> Claim(const storage::ClaimRequest&,
                                             storage::BatchComposer&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<std::optional<absl::Duration>> TakeTurn(int32_t, absl::Duration) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<storage::RecordResult> Record(const storage::RecordRequest&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<int> ReapLeases(int32_t) override { return absl::UnimplementedError(""); }

  std::function<void()> before_append;
  int64_t lane_epoch = 0;
  std::vector<int32_t> shards;
};

class CommitterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    keys_.key_encryption_keys[1] = base::Secret(std::string(32, 'k'));
    ASSERT_OK(store_.Create({.destination_id = "px", .kind = 1}, "somebody"));
    ASSERT_OK(directory_.Refresh());
  }

  absl::Status Commit(const std::string& destination_id, uint8_t key) {
    EncodedEvent event;
    event.key[7] = key;
    event.json = "{}";
    absl::Notification answered;
    absl::Status status;
    EXPECT_TRUE(committer_.TrySubmit(destination_id, {event},
                                     [&](absl::Status answer, const std::vector<StoredAs>&) {
                                       status = std::move(answer);
                                       answered.Notify();
                                     }));
    answered.WaitForNotification();
    return status;
  }

  void ChangeLanes(int lane_count) {
    storage::DestinationSettings settings;
    settings.lane_count = lane_count;
    ASSERT_OK(store_.Update("px", "", settings, "somebody"));
    ++ledger_.lane_epoch;
  }

  support::FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  support::FakeDataKeyStore data_keys_;
  security::KeyRing keys_;
  security::Envelope envelope_{keys_, data_keys_, clock_};
  destinations::FakeDestinationStore store_;
  destinations::DestinationDirectory directory_{store_, envelope_};
  FakeLedger ledger_;
  Committer committer_{ledger_, directory_, envelope_, {.writer_count = 1}, [](const auto&) {}};
};

TEST_F(CommitterTest, WhatWasPlacedByFormerLanesIsPlacedAnew) {
  ChangeLanes(2);
  EXPECT_OK(Commit("px", 1));
  ASSERT_OK_AND_ASSIGN(const storage::Destination now, store_.Get("px"));
  EXPECT_THAT(ledger_.shards, ElementsAre(now.shards[1]));
}

TEST_F(CommitterTest, ADestinationThatIsGoneIsNotFoundAndLeavesTheOthers) {
  ASSERT_OK(store_.Create({.destination_id = "other", .kind = 1}, "somebody"));
  ASSERT_OK(directory_.Refresh());
  ASSERT_OK(store_.Delete("other", "somebody"));
  ChangeLanes(2);
  EXPECT_THAT(Commit("other", 1), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ledger_.shards, ::testing::IsEmpty());
  EXPECT_OK(Commit("px", 1));
}

TEST_F(CommitterTest, LanesThatNeverStandStillAreNoEndlessLoop) {
  ledger_.before_append = [this] { ++ledger_.lane_epoch; };
  EXPECT_THAT(Commit("px", 1), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(CommitterTest, WhereDestinationsCannotBeReadNothingIsStored) {
  ChangeLanes(2);
  store_.FailWith(absl::UnavailableError("away"));
  EXPECT_THAT(Commit("px", 1), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(ledger_.shards, ::testing::IsEmpty());
}

}  // namespace
}  // namespace snapledger::ingest
