#include "services/dispatch/lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/mutex.h"
#include "services/base/clock.h"
#include "tests/services/dispatch/delivery_fixture.h"

namespace snapledger::dispatch {
namespace {

using storage::DeliveryState;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr absl::Duration kPatience = absl::Seconds(20);

// Takes every event; holds the first request until as many as it is told are with it.
class GatheringSnap final : public snap::SnapClient {
 public:
  explicit GatheringSnap(int together) : together_(together) {}

  snap::SnapReply Send(const snap::SnapRequest&) override {
    absl::MutexLock lock(&mutex_);
    ++requests_;
    met_ = mutex_.AwaitWithTimeout(absl::Condition(this, &GatheringSnap::AllHere), kPatience);
    return {.transport = snap::Transport::kAnswered,
            .http_status = 200,
            .body_complete = true,
            .body = R"({"status":"VALID"})"};
  }

  int requests() {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }

  bool met() {
    absl::MutexLock lock(&mutex_);
    return met_;
  }

 private:
  bool AllHere() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return requests_ >= together_; }

  absl::Mutex mutex_;
  const int together_;
  int requests_ ABSL_GUARDED_BY(mutex_) = 0;
  bool met_ ABSL_GUARDED_BY(mutex_) = false;
};

class LaneTest : public DeliveryFixture {
 protected:
  explicit LaneTest(int together) : DeliveryFixture(snap_), snap_(together) {}

  void Begin(storage::DestinationSettings settings) {
    settings.max_requests_per_second = 1000;
    CreateDestination(kPixel, event::DestinationKind::kPixel, settings);
    ASSERT_OK(directory_.Refresh());
    shard_ = directory_.Find(kPixel).value()->stored.shards.at(0);
    lane_.emplace(kPixel, shard_, dependencies_, retry_policy_, std::make_shared<SendState>());
  }

  void AwaitDelivered(int64_t events) {
    const absl::Time deadline = absl::Now() + kPatience;
    int64_t delivered = 0;
    while (delivered < events && absl::Now() < deadline) {
      ASSERT_OK_AND_ASSIGN(storage::ShardDelivery delivery, deliveries_.Delivery(shard_));
      delivered = delivery.counts[DeliveryState::kDelivered];
    }
    ASSERT_EQ(delivered, events);
  }

  GatheringSnap snap_;
  const RetryPolicy retry_policy_;
  int32_t shard_ = 0;
  std::optional<Lane> lane_;  // ends before what it uses
};

class ThreeTogether : public LaneTest {
 protected:
  ThreeTogether() : LaneTest(3) {}
};

TEST_F(ThreeTogether, ABacklogIsClaimedWhileItIsSent) {
  storage::DestinationSettings settings;
  settings.max_events_per_request = 10;
  settings.max_in_flight_requests = 3;
  Begin(settings);
  for (int lot = 0; lot < 5; ++lot) {
    Append(kPixel, 10 * lot, std::vector<std::string>(10, "PAGE_VIEW"));
  }
  lane_->Wake();
  AwaitDelivered(50);
  EXPECT_TRUE(snap_.met());
  EXPECT_EQ(snap_.requests(), 5);
}

class OneByOne : public LaneTest {
 protected:
  OneByOne() : LaneTest(1) {}
};

TEST_F(OneByOne, WhatComesWhileALaneIsSentFromIsGathered) {
  constexpr int kEvents = 60;
  Begin({});
  const absl::Duration begin = clock_.Monotonic();
  for (int number = 0; number < kEvents; ++number) {
    Append(kPixel, number, {"PAGE_VIEW"});
    lane_->Wake();
  }
  AwaitDelivered(kEvents);
  // A request each 100 ms, the first at once.
  const absl::Duration elapsed = clock_.Monotonic() - begin;
  EXPECT_LE(snap_.requests(), elapsed / absl::Milliseconds(100) + 1);
}

}  // namespace
}  // namespace snapledger::dispatch
