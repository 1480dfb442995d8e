// A destination's settings on real parts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";

// One call of 250 events becomes requests of at most 100, each event in one of them.
TEST(SettingsTest, ARequestCarriesNoMoreEventsThanTheDestinationAllows) {
  Deployment deployment;
  Service service = deployment.StartService();
  v1::DestinationSettings settings;
  settings.set_max_events_per_request(100);
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL, settings);
  support::RealisticEvents generator(1, "limit-", absl::Now());
  std::vector<v1::ConversionEvent> events;
  for (int i = 0; i < 250; ++i) events.push_back(generator.Web());
  Record(service, kPixel, events);
  EXPECT_THAT(AwaitDelivered(service, kPixel, 250),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 250)));
  std::map<int64_t, int> by_request;
  for (const JournalEvent& event : deployment.ReadJournal().events) ++by_request[event.request];
  int arrivals = 0;
  for (const auto& [request, count] : by_request) {
    EXPECT_LE(count, 100);
    arrivals += count;
  }
  EXPECT_EQ(arrivals, 250);
}

// Lanes spread a destination over shards; what Snap asks of one holds for all.
TEST(SettingsTest, ARetryAfterHoldsEveryLane) {
  Deployment deployment;
  deployment.emulator().SetFaults(
      R"({"faults":[{"kind":"throttle","retry_after":3,"count":1,"endpoint":"events"}]})");
  Service service = deployment.StartService();
  v1::DestinationSettings settings;
  settings.set_lane_count(3);
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL, settings);
  support::RealisticEvents generator(2, "lane-", absl::Now());
  Record(service, kPixel, {generator.Web()});
  ASSERT_TRUE(Await(absl::Seconds(10), [&] { return !deployment.ReadJournal().requests.empty(); }));
  // The outcome is recorded once the event is back in its queue.
  ASSERT_TRUE(Await(absl::Seconds(10), [&] {
    return StateCounts(service, kPixel).contains(v1::DELIVERY_STATE_PENDING);
  }));
  for (int i = 0; i < 20; ++i) Record(service, kPixel, {generator.Web()});
  EXPECT_THAT(AwaitDelivered(service, kPixel, 21),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 21)));
  const Journal journal = deployment.ReadJournal();
  ASSERT_EQ(journal.requests[0].status, 429);
  for (size_t i = 1; i < journal.requests.size(); ++i) {
    EXPECT_GE(journal.requests[i].time - journal.requests[0].time, 3.0);
  }
}

}  // namespace
}  // namespace snapledger::e2e
