#include "services/app/backlog_gauges.h"

#include <google/protobuf/util/time_util.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

namespace snapledger::app {
namespace {

constexpr size_t kStatePrefix = sizeof "DELIVERY_STATE_" - 1;

base::Metrics::Backlog BacklogOf(const v1::DestinationDelivery& delivery, absl::Time now) {
  base::Metrics::Backlog backlog;
  backlog.destination = delivery.destination();
  for (const v1::StateCount& count : delivery.counts()) {
    const std::string state = v1::DeliveryState_Name(count.state()).substr(kStatePrefix);
    backlog.events_by_state.emplace_back(absl::AsciiStrToLower(state), count.count());
  }
  if (delivery.has_oldest_pending_time()) {
    backlog.oldest_pending_age =
        now - absl::FromUnixNanos(google::protobuf::util::TimeUtil::TimestampToNanoseconds(
                  delivery.oldest_pending_time()));
  }
  backlog.set_aside_events = delivery.set_aside_events();
  return backlog;
}

}  // namespace

void ShowBacklog(query::Query& query, const base::Clock& clock, base::Metrics& metrics) {
  v1::GetDeliveryStatsResponse response;
  if (!query.GetDeliveryStats({}, &response).ok()) return;
  std::vector<base::Metrics::Backlog> backlogs;
  for (const v1::DestinationDelivery& delivery : response.destinations()) {
    backlogs.push_back(BacklogOf(delivery, clock.Now()));
  }
  metrics.SetBacklog(backlogs);
}

}  // namespace snapledger::app
