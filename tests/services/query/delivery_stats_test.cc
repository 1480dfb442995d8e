#include "services/query/delivery_stats.h"

#include <gtest/gtest.h>

namespace snapledger::query {
namespace {

using storage::DeliveryState;

const absl::Time kThen = absl::FromUnixSeconds(1'700'000'000);

TEST(DeliveryStatsTest, ShardsAddUp) {
  storage::ShardDelivery sum;
  storage::ShardDelivery one;
  one.counts = {{DeliveryState::kPending, 2}, {DeliveryState::kDelivered, 5}};
  one.oldest_pending_time = kThen;
  one.delivered_last_minute = 3;
  storage::ShardDelivery other;
  other.counts = {{DeliveryState::kDelivered, 7}};
  other.oldest_pending_time = kThen - absl::Seconds(9);
  other.delivered_last_minute = 57;
  Add(one, &sum);
  Add(other, &sum);
  EXPECT_EQ(sum.counts[DeliveryState::kDelivered], 12);
  EXPECT_EQ(sum.oldest_pending_time, kThen - absl::Seconds(9));
  EXPECT_EQ(sum.delivered_last_minute, 60);
}

TEST(DeliveryStatsTest, ShowsWhatIsThereByState) {
  storage::Destination destination;
  destination.destination_id = "px";
  destination.pause_kind = storage::PauseKind::kHeld;
  destination.paused_reason = "token refused";
  storage::ShardDelivery sum;
  sum.counts = {
      {DeliveryState::kDelivered, 4}, {DeliveryState::kPending, 1}, {DeliveryState::kExpired, 0}};
  sum.oldest_doubt_first_sent_time = kThen;
  sum.delivered_last_minute = 30;
  v1::DestinationDelivery message;
  ToProto(destination, sum, &message);
  ASSERT_EQ(message.counts_size(), 2);
  EXPECT_EQ(message.counts(0).state(), v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(message.counts(1).count(), 4);
  EXPECT_FALSE(message.has_oldest_pending_time());
  EXPECT_EQ(message.next_window_end_time().seconds(), 1'700'000'000 + 48 * 3600);
  EXPECT_DOUBLE_EQ(message.delivered_per_second(), 0.5);
  EXPECT_EQ(message.breaker_state(), v1::BREAKER_STATE_OPEN);
  EXPECT_TRUE(message.paused());
  destination.pause_kind = storage::PauseKind::kNone;
  sum.rate_share = 0.25;
  sum.breaker = storage::BreakerState::kHalfOpen;
  ToProto(destination, sum, &message);
  EXPECT_EQ(message.breaker_state(), v1::BREAKER_STATE_HALF_OPEN);
  EXPECT_DOUBLE_EQ(message.requests_per_second_limit(), 2.5);
  EXPECT_EQ(message.receipts_reported_last_hour(), -1);
}

TEST(DeliveryStatsTest, ReceiptsAreThoseOfTheLastLookThatWasUnderstood) {
  v1::DestinationDelivery message;
  ToProto({}, {.delivered_last_hour = 12}, &message);
  AddReceipts({.expected = {.delivered = 10}}, &message);
  EXPECT_EQ(message.receipts_expected_last_hour(), 12);
  EXPECT_EQ(message.receipts_reported_last_hour(), -1);
  AddReceipts({.expected = {.delivered = 10}, .reported = 9}, &message);
  EXPECT_EQ(message.receipts_expected_last_hour(), 10);
  EXPECT_EQ(message.receipts_reported_last_hour(), 9);
}

}  // namespace
}  // namespace snapledger::query
