// The main job on real parts: callers, service, PostgreSQL, TLS and the emulator.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr char kApp[] = "7abc82ca-1111-4222-8333-abcdefabcdef";

int CountOutcomes(const std::vector<v1::EventVerdict>& verdicts, v1::Outcome outcome) {
  return static_cast<int>(
      std::count_if(verdicts.begin(), verdicts.end(),
                    [outcome](const auto& verdict) { return verdict.outcome() == outcome; }));
}

std::vector<std::vector<v1::ConversionEvent>> Batches(std::vector<v1::ConversionEvent> events,
                                                      size_t size) {
  std::vector<std::vector<v1::ConversionEvent>> batches;
  for (size_t i = 0; i < events.size(); i += size) {
    batches.emplace_back(events.begin() + static_cast<long>(i),
                         events.begin() + static_cast<long>(std::min(i + size, events.size())));
  }
  return batches;
}

int64_t TotalCounted(EmulatorClient& emulator) {
  int64_t total = 0;
  const auto conversions_by_asset = emulator.Conversions();
  for (const auto& [asset, names] : conversions_by_asset) {
    for (const auto& [name, conversions] : names) total += conversions.counted;
  }
  return total;
}

// 10,000 events of six kinds from 8 callers at once, each sent twice: stored once, delivered once,
// counted once.
TEST(MainJobTest, EveryEventIsStoredDeliveredAndCountedOnce) {
  constexpr int kCallers = 8;
  constexpr int kEventsPerCaller = 1250;
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  CreateDestination(service, kApp, v1::DESTINATION_KIND_APP);
  std::atomic<int> accepted = 0, duplicate = 0, other = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      support::RealisticEvents generator(caller, "caller" + std::to_string(caller) + "-",
                                         absl::Now());
      std::vector<v1::ConversionEvent> pixel, app;
      for (int i = 0; i < kEventsPerCaller; ++i) {
        if (i % 10 == 0) {
          app.push_back(generator.App());
        } else {
          pixel.push_back(i % 10 == 1 ? generator.Offline() : generator.Web());
        }
      }
      for (int sending = 0; sending < 2; ++sending) {
        for (const auto& batch : Batches(pixel, 50)) {
          const auto verdicts = Record(service, kPixel, batch);
          accepted += CountOutcomes(verdicts, v1::OUTCOME_ACCEPTED);
          duplicate += CountOutcomes(verdicts, v1::OUTCOME_DUPLICATE);
        }
        for (const auto& batch : Batches(app, 1 + caller)) {
          const auto verdicts = Record(service, kApp, batch);
          accepted += CountOutcomes(verdicts, v1::OUTCOME_ACCEPTED);
          duplicate += CountOutcomes(verdicts, v1::OUTCOME_DUPLICATE);
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  constexpr int kEvents = kCallers * kEventsPerCaller;
  EXPECT_EQ(accepted, kEvents);
  EXPECT_EQ(duplicate, kEvents);
  EXPECT_THAT(AwaitDelivered(service, kPixel, kEvents * 9 / 10),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, kEvents * 9 / 10)));
  EXPECT_THAT(AwaitDelivered(service, kApp, kEvents / 10),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, kEvents / 10)));
  EXPECT_EQ(TotalCounted(deployment.emulator()), kEvents);
  std::set<std::string> arrived;
  for (const JournalEvent& event : deployment.ReadJournal().events) {
    EXPECT_TRUE(event.accepted);
    EXPECT_TRUE(arrived.insert(event.asset + event.event_id).second) << event.event_id;
  }
  EXPECT_THAT(arrived, SizeIs(kEvents));
}

// The pixel reports the same conversions: Snap counts each pair once, joined by event id, and
// purchases by transaction id; a pair under different event names is two conversions.
TEST(MainJobTest, PixelAndServerPairsAreCountedOnce) {
  constexpr int kPairs = 1000;
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  support::RealisticEvents generator(7, "pair-", absl::Now());
  std::vector<v1::ConversionEvent> events;
  std::string pixel_lines;
  for (int i = 0; i < kPairs; ++i) {
    v1::ConversionEvent event = generator.Web();
    const std::string& order_id = event.custom_data().order_id();
    const std::string name = v1::StandardEvent_Name(event.standard_event()).substr(15);
    // Purchases join by their transaction id alone, the others by event id.
    pixel_lines += R"({"asset":")" + std::string(kPixel) + R"(","event_name":")" + name + '"' +
                   (order_id.empty() ? R"(,"client_dedup_id":")" + event.event_id()
                                     : R"(,"transaction_id":")" + order_id) +
                   "\"}\n";
    events.push_back(event);
  }
  v1::ConversionEvent other_name = generator.Web();
  other_name.set_standard_event(v1::STANDARD_EVENT_SIGN_UP);
  other_name.clear_custom_data();
  events.push_back(other_name);
  pixel_lines += R"({"asset":")" + std::string(kPixel) +
                 R"(","event_name":"PAGE_VIEW","client_dedup_id":")" + other_name.event_id() +
                 "\"}\n";
  deployment.emulator().ReportPixelEvents(pixel_lines);
  for (const auto& batch : Batches(events, 100)) Record(service, kPixel, batch);
  AwaitDelivered(service, kPixel, kPairs + 1);
  int64_t both = 0, server_only = 0, pixel_only = 0;
  auto conversions_by_asset = deployment.emulator().Conversions();
  for (const auto& [name, conversions] : conversions_by_asset[kPixel]) {
    both += conversions.both;
    server_only += conversions.server_only;
    pixel_only += conversions.pixel_only;
  }
  EXPECT_EQ(both, kPairs);
  EXPECT_EQ(server_only, 1);
  EXPECT_EQ(pixel_only, 1);
}

// A server error leaves doubt, a 429 says when to come back; then all is delivered, and the books
// tell the story.
TEST(MainJobTest, AnErrorAndARetryAfterAreWaitedOut) {
  Deployment deployment;
  deployment.emulator().SetFaults(
      R"({"faults":[{"kind":"status","status":500,"count":1,"endpoint":"events"},)"
      R"({"kind":"throttle","retry_after":3,"count":1,"endpoint":"events"}]})");
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  support::RealisticEvents generator(9, "retry-", absl::Now());
  const std::vector<v1::ConversionEvent> events = {generator.Web(), generator.Web()};
  Record(service, kPixel, events);
  EXPECT_THAT(AwaitDelivered(service, kPixel, 2),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 2)));
  const v1::EventStatus event = GetEvent(service, kPixel, events[0].event_id());
  ASSERT_THAT(event.attempts(), SizeIs(3));
  EXPECT_EQ(event.attempts(0).outcome(), v1::ATTEMPT_OUTCOME_UNKNOWN);
  EXPECT_EQ(event.attempts(0).http_status(), 500);
  EXPECT_EQ(event.attempts(1).outcome(), v1::ATTEMPT_OUTCOME_THROTTLED);
  EXPECT_EQ(event.attempts(2).outcome(), v1::ATTEMPT_OUTCOME_DELIVERED);
  EXPECT_EQ(event.state(), v1::DELIVERY_STATE_DELIVERED);
  EXPECT_FALSE(event.possibly_delivered());
  const Journal journal = deployment.ReadJournal();
  ASSERT_THAT(journal.requests, SizeIs(3));
  EXPECT_EQ(journal.requests[1].status, 429);
  EXPECT_GE(journal.requests[2].time - journal.requests[1].time, 3.0);
  EXPECT_EQ(TotalCounted(deployment.emulator()), 2);
}

// What is wrong with a refused batch is found: that alone is refused, its neighbours are delivered.
TEST(MainJobTest, ARefusedEventDoesNotHoldUpItsNeighbours) {
  Deployment deployment;
  deployment.emulator().SetFaults(
      R"({"faults":[{"kind":"reject_events","event_ids":["bad-3","bad-11"],"name_event":false,)"
      R"("endpoint":"events"}]})");
  Service service = deployment.StartService();
  v1::DestinationSettings settings;
  settings.set_max_requests_per_second(1000);
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL, settings);
  support::RealisticEvents generator(5, "bad-", absl::Now());
  std::vector<v1::ConversionEvent> events;
  for (int i = 0; i < 20; ++i) events.push_back(generator.Web());
  Record(service, kPixel, events);
  std::map<v1::DeliveryState, int64_t> counts;
  Await(absl::Seconds(30), [&] {
    counts = StateCounts(service, kPixel);
    return counts[v1::DELIVERY_STATE_DELIVERED] + counts[v1::DELIVERY_STATE_REJECTED] == 20;
  });
  EXPECT_EQ(counts[v1::DELIVERY_STATE_REJECTED], 2);
  EXPECT_EQ(counts[v1::DELIVERY_STATE_DELIVERED], 18);
  const v1::EventStatus refused = GetEvent(service, kPixel, "bad-3");
  EXPECT_EQ(refused.state(), v1::DELIVERY_STATE_REJECTED);
  EXPECT_EQ(refused.attempts().rbegin()->verdict_source(), v1::VERDICT_SOURCE_BISECTION);
  EXPECT_EQ(GetEvent(service, kPixel, "bad-4").state(), v1::DELIVERY_STATE_DELIVERED);
}

// Snap refuses the token: the destination is held, nothing is lost, and when the token works again
// it goes on by itself.
TEST(MainJobTest, ARefusedTokenHoldsTheDestinationUntilItWorks) {
  Deployment deployment;
  deployment.emulator().SetFaults(R"({"faults":[{"kind":"status","status":401}]})");
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  support::RealisticEvents generator(3, "held-", absl::Now());
  Record(service, kPixel, {generator.Web()});
  const auto held = [&] {
    v1::GetDestinationRequest request;
    request.set_destination_id(kPixel);
    grpc::ClientContext context;
    v1::GetDestinationResponse response;
    EXPECT_TRUE(service.admin->GetDestination(&context, request, &response).ok());
    return response.destination().paused();
  };
  ASSERT_TRUE(Await(absl::Seconds(20), held));
  EXPECT_EQ(GetEvent(service, kPixel, "held-0").state(), v1::DELIVERY_STATE_PENDING);
  deployment.emulator().SetFaults(R"({"faults":[]})");
  EXPECT_THAT(AwaitDelivered(service, kPixel, 1),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 1)));
  EXPECT_FALSE(held());
}

// As behind a proxy that pools by transaction.
TEST(MainJobTest, WorksWithoutPreparedStatements) {
  Deployment deployment;
  Service service = deployment.StartService({"--unprepared-statements"});
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  support::RealisticEvents generator(3, "plain-", absl::Now());
  const v1::ConversionEvent event = generator.Web();
  EXPECT_EQ(Record(service, kPixel, {event}).at(0).outcome(), v1::OUTCOME_ACCEPTED);
  EXPECT_EQ(Record(service, kPixel, {event}).at(0).outcome(), v1::OUTCOME_DUPLICATE);
  EXPECT_THAT(AwaitDelivered(service, kPixel, 1),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 1)));
}

// One destination whose requests hang never slows another.
TEST(MainJobTest, ADeadDestinationSlowsNoOther) {
  Deployment deployment;
  deployment.emulator().SetFaults(R"({"faults":[{"kind":"hang","seconds":30,"asset":")" +
                                  std::string(kApp) + R"("}]})");
  Service service = deployment.StartService();
  CreateDestination(service, kApp, v1::DESTINATION_KIND_APP);
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  support::RealisticEvents generator(3, "lane-", absl::Now());
  for (int i = 0; i < 8; ++i) Record(service, kApp, {generator.App()});
  const absl::Time start = absl::Now();
  for (int i = 0; i < 20; ++i) Record(service, kPixel, {generator.Web()});
  EXPECT_THAT(AwaitDelivered(service, kPixel, 20, absl::Seconds(8)),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 20)));
  EXPECT_LT(absl::Now() - start, absl::Seconds(8));
}

}  // namespace
}  // namespace snapledger::e2e
