#include "services/query/delivery_stats.h"

#include <algorithm>
#include <map>
#include <optional>

#include "services/query/proto_time.h"

namespace snapledger::query {
namespace {

constexpr int64_t kReceiptsUnknown = -1;

void TakeOlder(const std::optional<absl::Time>& other, std::optional<absl::Time>* time) {
  if (other && (!*time || *other < **time)) *time = other;
}

v1::BreakerState ToProto(storage::BreakerState state) {
  switch (state) {
    case storage::BreakerState::kClosed:
      return v1::BREAKER_STATE_CLOSED;
    case storage::BreakerState::kOpen:
      return v1::BREAKER_STATE_OPEN;
    case storage::BreakerState::kHalfOpen:
      return v1::BREAKER_STATE_HALF_OPEN;
  }
  return v1::BREAKER_STATE_UNSPECIFIED;
}

}  // namespace

void Add(const storage::ShardDelivery& shard, storage::ShardDelivery* sum) {
  for (const auto& [state, count] : shard.counts) sum->counts[state] += count;
  TakeOlder(shard.oldest_pending_time, &sum->oldest_pending_time);
  TakeOlder(shard.oldest_doubt_first_sent_time, &sum->oldest_doubt_first_sent_time);
  sum->delivered_last_minute += shard.delivered_last_minute;
  sum->delivered_last_hour += shard.delivered_last_hour;
  sum->set_aside += shard.set_aside;
  sum->rate_share = shard.rate_share;
  sum->breaker = shard.breaker;
}

void ToProto(const storage::Destination& destination, const storage::ShardDelivery& sum,
             v1::DestinationDelivery* message) {
  message->set_destination(destination.destination_id);
  const std::map<storage::DeliveryState, int64_t> ordered(sum.counts.begin(), sum.counts.end());
  for (const auto& [state, count] : ordered) {
    if (count == 0) continue;
    v1::StateCount* entry = message->add_counts();
    entry->set_state(static_cast<v1::DeliveryState>(state));
    entry->set_count(count);
  }
  if (sum.oldest_pending_time) {
    *message->mutable_oldest_pending_time() = TimeToProto(*sum.oldest_pending_time);
  }
  if (sum.oldest_doubt_first_sent_time) {
    *message->mutable_next_window_end_time() =
        TimeToProto(*sum.oldest_doubt_first_sent_time + destination.settings.dedup_window);
  }
  message->set_delivered_per_second(static_cast<double>(sum.delivered_last_minute) / 60);
  message->set_requests_per_second_limit(destination.settings.max_requests_per_second *
                                         sum.rate_share);
  const bool held = destination.pause_kind == storage::PauseKind::kHeld;
  message->set_breaker_state(held ? v1::BREAKER_STATE_OPEN : ToProto(sum.breaker));
  message->set_paused(destination.pause_kind != storage::PauseKind::kNone);
  message->set_paused_reason(destination.paused_reason);
  message->set_receipts_expected_last_hour(sum.delivered_last_hour);
  message->set_receipts_reported_last_hour(kReceiptsUnknown);
  message->set_set_aside_events(sum.set_aside);
}

void AddReceipts(const storage::ReceiptObservation& last, v1::DestinationDelivery* message) {
  if (!last.reported.has_value()) return;
  // Both of the same hour.
  message->set_receipts_expected_last_hour(last.expected.delivered);
  message->set_receipts_reported_last_hour(*last.reported);
}

}  // namespace snapledger::query
