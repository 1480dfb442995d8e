#include "services/ingest/committer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "tests/services/destinations/fake_destination_store.h"
#include "tests/services/ingest/fake_ledger.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::ingest {
namespace {

using support::StatusIs;
using ::testing::ElementsAre;

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

// Two writers, of which the first is stuck in its first append.
class FurtherWriterTest : public CommitterTest {
 protected:
  void Start(absl::Duration gather_max, int events_for_further_writer = 3,
             size_t bytes_per_commit_max = size_t{1} << 20) {
    ledger_.before_append = [this] {
      if (++appends_ > 1) return;
      stuck_.Notify();
      go_on_.WaitForNotification();
    };
    writers_ = std::make_unique<Committer>(
        ledger_, directory_, envelope_,
        Committer::Options{.writer_count = 2,
                           .bytes_per_commit_max = bytes_per_commit_max,
                           .events_for_further_writer = events_for_further_writer,
                           .gather_max = gather_max},
        [](const auto&) {});
    Submit(0);
    stuck_.WaitForNotification();
  }

  void TearDown() override {
    if (!go_on_.HasBeenNotified()) go_on_.Notify();
    writers_.reset();
    EXPECT_EQ(answers_, submitted_);
  }

  // Answers are counted; that of the stuck one comes last.
  void Submit(uint8_t key) {
    EncodedEvent event;
    event.key[7] = key;
    event.json = "{}";
    ++submitted_;
    ASSERT_TRUE(writers_->TrySubmit("px", {event}, [this](const absl::Status& status, const auto&) {
      EXPECT_OK(status);
      absl::MutexLock lock(&mutex_);
      ++answers_;
    }));
  }

  void AwaitAnswers(int count) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [this, count] { return answers_ >= count; };
    mutex_.Await(absl::Condition(&reached));
  }

  std::atomic<int> appends_ = 0;
  int submitted_ = 0;
  absl::Mutex mutex_;
  int answers_ = 0;
  absl::Notification stuck_, go_on_;
  std::unique_ptr<Committer> writers_;
};

TEST_F(FurtherWriterTest, JoinsWhenEnoughWaits) {
  Start(absl::InfiniteDuration());
  Submit(1);
  Submit(2);
  Submit(3);
  AwaitAnswers(3);
  EXPECT_EQ(appends_, 2);
}

TEST_F(FurtherWriterTest, LeavesFewEventsToTheBusyOne) {
  constexpr int kFew = 1000;  // submitting them takes long enough to be noticed by a writer
  Start(absl::InfiniteDuration(), kFew + 1);
  for (int i = 0; i < kFew; ++i) Submit(static_cast<uint8_t>(i));
  EXPECT_EQ(appends_, 1);
  go_on_.Notify();
  AwaitAnswers(1 + kFew);
  EXPECT_EQ(appends_, 2);
}

TEST_F(FurtherWriterTest, LeavesWhatIsTooLargeToTheNextCommit) {
  constexpr size_t kTwo = 2 * (sizeof(EncodedEvent) + 2);  // with its JSON, "{}"
  Start(absl::InfiniteDuration(), 100, kTwo);
  for (uint8_t i = 1; i <= 5; ++i) Submit(i);
  go_on_.Notify();
  AwaitAnswers(6);
  EXPECT_EQ(appends_, 1 + 3);
}

TEST_F(FurtherWriterTest, JoinsAfterAWhileWhereTheBusyOneIsStuck) {
  Start(absl::Milliseconds(1));
  Submit(1);
  AwaitAnswers(1);
  EXPECT_EQ(appends_, 2);
}

}  // namespace
}  // namespace snapledger::ingest
