// Killed processes, two processes at once, and the roll of identity partitions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <map>
#include <random>
#include <set>
#include <thread>

#include "storage/pool.h"
#include "storage/postgres_identity.h"
#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";

// Records until told to stop, keeping the ids that were acknowledged. Errors are expected while the
// service is dead: the events of such a call are not acknowledged.
class LoadCaller {
 public:
  LoadCaller(int number, std::string address)
      : generator_(number, "load" + std::to_string(number) + "-", absl::Now()),
        stub_(v1::ConversionService::NewStub(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))) {}

  void Run(const std::atomic<bool>& stop) {
    while (!stop) {
      v1::RecordEventsRequest request;
      request.set_destination(kPixel);
      for (int i = 0; i < 20; ++i) *request.add_events() = generator_.Web();
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
      v1::RecordEventsResponse response;
      if (!stub_->RecordEvents(&context, request, &response).ok()) return;
      for (const v1::EventVerdict& verdict : response.verdicts()) {
        if (verdict.outcome() == v1::OUTCOME_ACCEPTED) acknowledged.insert(verdict.event_id());
      }
    }
  }

  std::set<std::string> acknowledged;

 private:
  support::RealisticEvents generator_;
  const std::unique_ptr<v1::ConversionService::Stub> stub_;
};

// The service is killed 20 times under load. What was acknowledged is delivered, and counted once;
// an event that was sent more than once had the same bytes each time.
TEST(CrashTest, NothingAcknowledgedIsLostInTwentyKills) {
  constexpr int kKills = 20;
  const unsigned seed = 20261123;
  std::mt19937 random(seed);
  Deployment deployment;
  v1::DestinationSettings settings;
  settings.set_max_requests_per_second(200);
  settings.set_max_events_per_request(200);
  // A dead owner's lease lasts as long as its request might have, and some more.
  settings.mutable_request_timeout()->set_seconds(1);
  std::set<std::string> acknowledged;
  for (int kill_number = 0; kill_number < kKills; ++kill_number) {
    Service service = deployment.StartService();
    if (kill_number == 0) {
      CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL, settings);
    }
    std::atomic<bool> stop = false;
    std::vector<std::unique_ptr<LoadCaller>> callers;
    std::vector<std::thread> threads;
    for (int caller = 0; caller < 4; ++caller) {
      callers.push_back(std::make_unique<LoadCaller>(100 * kill_number + caller, service.address));
      threads.emplace_back([&stop, caller = callers.back().get()] { caller->Run(stop); });
    }
    absl::SleepFor(absl::Milliseconds(100 + random() % 500));
    service.program->Kill();
    stop = true;
    for (std::thread& thread : threads) thread.join();
    for (const auto& caller : callers) {
      acknowledged.insert(caller->acknowledged.begin(), caller->acknowledged.end());
    }
  }
  Service service = deployment.StartService();
  std::map<v1::DeliveryState, int64_t> counts;
  ASSERT_TRUE(Await(absl::Seconds(120),
                    [&] {
                      counts = StateCounts(service, kPixel);
                      return counts.size() == 1 && counts.contains(v1::DELIVERY_STATE_DELIVERED);
                    }))
      << "seed " << seed;
  std::map<std::string, std::set<std::string>> bytes;
  std::map<std::string, int> counted;
  for (const JournalEvent& event : deployment.ReadJournal().events) {
    bytes[event.event_id].insert(event.event_sha256);
    counted[event.event_id] += event.counted ? 1 : 0;
  }
  std::cout << acknowledged.size() << " acknowledged, " << counted.size() << " delivered\n";
  EXPECT_GT(acknowledged.size(), 1000U);
  for (const std::string& event_id : acknowledged) {
    EXPECT_EQ(counted[event_id], 1) << event_id << ", seed " << seed;
  }
  for (const auto& [event_id, digests] : bytes) EXPECT_EQ(digests.size(), 1U) << event_id;
  EXPECT_EQ(counts[v1::DELIVERY_STATE_DELIVERED], static_cast<int64_t>(counted.size()));
}

// One id sent at once through two services, while identity partitions roll: accepted once.
TEST(CrashTest, TwoServicesAcceptAnEventOnceAcrossTheRoll) {
  constexpr int kRounds = 60;
  Deployment deployment;
  Service first = deployment.StartService();
  Service second = deployment.StartService();
  CreateDestination(first, kPixel, v1::DESTINATION_KIND_PIXEL);
  storage::ConnectionPool pool({.connection = {.url = deployment.database_url()}});
  storage::IdentityFilters filters;
  storage::PostgresIdentityPartitions partitions(pool, filters);
  support::RealisticEvents generator(1, "twin-", absl::Now());
  int accepted = 0, duplicate = 0;
  for (int round = 0; round < kRounds; ++round) {
    const v1::ConversionEvent event = generator.Web();
    std::vector<v1::EventVerdict> verdicts(4);
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back(
          [&, i] { verdicts[i] = Record(i % 2 == 0 ? first : second, kPixel, {event}).at(0); });
    }
    if (round % 10 == 5) {
      EXPECT_TRUE(partitions.RollIfDue(absl::ZeroDuration(), 1'000'000).ok());
    }
    for (std::thread& caller : callers) caller.join();
    verdicts.push_back(Record(second, kPixel, {event}).at(0));
    for (const v1::EventVerdict& verdict : verdicts) {
      accepted += verdict.outcome() == v1::OUTCOME_ACCEPTED ? 1 : 0;
      duplicate += verdict.outcome() == v1::OUTCOME_DUPLICATE ? 1 : 0;
    }
  }
  EXPECT_EQ(accepted, kRounds);
  EXPECT_EQ(duplicate, 4 * kRounds);
  EXPECT_THAT(AwaitDelivered(first, kPixel, kRounds),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, kRounds)));
}

// SIGTERM: what is in flight is finished, the exit code is 0, and a new service has no doubt to
// clear up.
TEST(CrashTest, ATerminatedServiceLeavesNoDoubt) {
  Deployment deployment;
  deployment.emulator().SetFaults(R"({"faults":[{"kind":"delay","ms":700}]})");
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  support::RealisticEvents generator(1, "term-", absl::Now());
  Record(service, kPixel, {generator.Web()});
  ASSERT_TRUE(Await(absl::Seconds(10), [&] {
    return StateCounts(service, kPixel).contains(v1::DELIVERY_STATE_IN_FLIGHT);
  }));
  service.program->Signal(SIGTERM);
  EXPECT_EQ(service.program->WaitForExit(absl::Seconds(30)), 0);
  Service next = deployment.StartService({"--roles", "query"});
  EXPECT_THAT(StateCounts(next, kPixel), ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 1)));
}

}  // namespace
}  // namespace snapledger::e2e
