// WatchEvents on real parts: nothing missed by a watch that is cut off again and again, bounded
// memory, tokens that are not good, and the end of the process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/time/clock.h"
#include "services/query/filter_text.h"
#include "services/query/page_token.h"
#include "services/security/key_file.h"
#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr char kOtherPixel[] = "6abc82ca-2222-4222-8333-abcdefabcdef";

// One change as a watch and as the history of an event tell it.
using Change = std::tuple<std::string, int, int, int64_t, int, std::string, std::string>;

Change ChangeOf(const std::string& event_id, const v1::Transition& transition) {
  return {event_id,
          transition.from_state(),
          transition.to_state(),
          transition.time().seconds(),
          transition.time().nanos(),
          transition.reason(),
          transition.actor()};
}

// One WatchEvents call.
class Watch {
 public:
  Watch(Service& service, const v1::WatchEventsRequest& request)
      : reader_(service.conversions->WatchEvents(&context_, request)) {}
  ~Watch() {
    context_.TryCancel();
    if (!finished_) Finish();
  }

  bool Read(v1::WatchEventsResponse* message) { return reader_->Read(message); }
  void Cut() { context_.TryCancel(); }
  grpc::Status Finish() {
    v1::WatchEventsResponse rest;
    while (reader_->Read(&rest)) {
    }
    finished_ = true;
    return reader_->Finish();
  }

 private:
  grpc::ClientContext context_;
  const std::unique_ptr<grpc::ClientReader<v1::WatchEventsResponse>> reader_;
  bool finished_ = false;
};

v1::WatchEventsRequest RequestOf(const std::string& destination, const std::string& token = "") {
  v1::WatchEventsRequest request;
  request.set_destination(destination);
  request.set_resume_token(token);
  request.set_report_progress(true);
  return request;
}

// A watch from now on: what is recorded after this is told by it.
std::string TokenOfNow(Service& service, const std::string& destination) {
  Watch watch(service, RequestOf(destination));
  v1::WatchEventsResponse begin;
  EXPECT_TRUE(watch.Read(&begin));
  EXPECT_FALSE(begin.has_event());
  return begin.resume_token();
}

// Records calls of some events until it is stopped; some of the events are refused by Snap.
class Load {
 public:
  explicit Load(Service& service) : thread_([this, &service] { Run(service); }) {}
  void Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  ~Load() { Stop(); }

  std::vector<std::string> event_ids;  // once stopped

 private:
  void Run(Service& service) {
    std::mt19937 random(7);
    support::RealisticEvents generator(7, "load-", absl::Now());
    while (!stop_) {
      std::vector<v1::ConversionEvent> events(1 + random() % 12);
      for (v1::ConversionEvent& event : events) {
        event = generator.Web();
        event_ids.push_back(event.event_id());
      }
      Record(service, kPixel, events);
      // Some hundred events a second.
      Await(absl::Milliseconds(10), [this] { return stop_.load(); });
    }
  }

  std::atomic<bool> stop_{false};
  std::thread thread_;
};

std::set<Change> HistoryOf(Service& service, const std::vector<std::string>& event_ids) {
  std::set<Change> changes;
  for (const std::string& event_id : event_ids) {
    const v1::EventStatus event = GetEvent(service, kPixel, event_id);
    for (const v1::Transition& transition : event.transitions()) {
      changes.insert(ChangeOf(event_id, transition));
    }
  }
  return changes;
}

bool NothingUnderWay(const std::map<v1::DeliveryState, int64_t>& counts) {
  return !counts.contains(v1::DELIVERY_STATE_PENDING) &&
         !counts.contains(v1::DELIVERY_STATE_IN_FLIGHT) &&
         !counts.contains(v1::DELIVERY_STATE_IN_DOUBT);
}

// What a caller that is cut off and resumes keeps.
struct Watcher {
  std::string token;
  std::set<Change> seen;
  int64_t messages = 0;

  // Takes a message; true where it told something new.
  bool Take(const v1::WatchEventsResponse& message) {
    token = message.resume_token();
    ++messages;
    if (!message.has_event()) return false;
    return seen.insert(ChangeOf(message.event().event_id(), message.transition())).second;
  }
};

// Server errors, throttling and refused events while events come in and the watch is cut: at the
// end it has told every change of the ledger and none besides.
TEST(WatchTest, FiftyCutsAndResumesUnderLoadMissNoChange) {
  constexpr int kCuts = 50;
  std::mt19937 random(20261123);
  Deployment deployment;
  Service service = deployment.StartService();
  v1::DestinationSettings settings;
  settings.set_max_requests_per_second(1000);
  settings.set_max_events_per_request(40);
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL, settings);
  deployment.emulator().SetFaults(
      R"({"faults":[{"kind":"status","status":500,"probability":0.1,"endpoint":"events"},)"
      R"({"kind":"reject_events","event_ids":["load-20","load-75","load-76","load-300"],)"
      R"("name_event":false}]})");
  Watcher watcher = {.token = TokenOfNow(service, kPixel)};
  const absl::Time begin = absl::Now();
  Load load(service);
  for (int cut = 0; cut < kCuts; ++cut) {
    Watch watch(service, RequestOf(kPixel, watcher.token));
    // Half of the cuts come while what was told before is told again.
    const bool early = cut % 2 == 1;
    int left = 1 + static_cast<int>(random() % 250);
    v1::WatchEventsResponse message;
    while (left > 0 && watch.Read(&message)) {
      if (watcher.Take(message) || early) --left;
    }
    ASSERT_EQ(left, 0) << watch.Finish().error_message();
    watch.Cut();
  }
  load.Stop();
  const absl::Duration load_time = absl::Now() - begin;
  deployment.emulator().SetFaults(R"({"faults":[]})");
  std::map<v1::DeliveryState, int64_t> counts;
  ASSERT_TRUE(Await(absl::Seconds(60), [&] {
    counts = StateCounts(service, kPixel);
    return NothingUnderWay(counts);
  }));
  const std::set<Change> history = HistoryOf(service, load.event_ids);
  // A report of progress comes at least every 30 s, so that reading ends.
  {
    Watch watch(service, RequestOf(kPixel, watcher.token));
    v1::WatchEventsResponse message;
    const absl::Time give_up = absl::Now() + absl::Seconds(60);
    while (watcher.seen.size() < history.size() && absl::Now() < give_up && watch.Read(&message)) {
      watcher.Take(message);
    }
  }
  EXPECT_EQ(watcher.seen, history);
  std::cout << load.event_ids.size() << " events in " << load_time << ", " << history.size()
            << " changes, " << watcher.messages << " messages\n";
  for (const auto& [state, count] : counts) {
    std::cout << v1::DeliveryState_Name(state) << ' ' << count << '\n';
  }
  // A refusal after a server error leaves an event in doubt for good.
  EXPECT_GT(counts[v1::DELIVERY_STATE_REJECTED] + counts[v1::DELIVERY_STATE_EXPIRED_IN_DOUBT], 0);
  EXPECT_GT(counts[v1::DELIVERY_STATE_DELIVERED], 0);
}

// Records `count` events in calls of 1000.
void RecordMany(Service& service, const std::string& id_prefix, int count) {
  support::RealisticEvents generator(3, id_prefix, absl::Now());
  for (int done = 0; done < count; done += 1000) {
    std::vector<v1::ConversionEvent> events(1000);
    for (v1::ConversionEvent& event : events) event = generator.Web();
    Record(service, kPixel, events);
  }
}

// Sixteen watches that nobody reads, and events whose changes would be some hundred megabytes of
// messages.
TEST(WatchTest, CallersThatDoNotReadCostNoMemory) {
  constexpr int kEvents = 10'000;
  constexpr int64_t kGrowthMax = int64_t{128} << 20;
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  RecordMany(service, "before-", kEvents);
  AwaitDelivered(service, kPixel, kEvents);
  std::vector<std::unique_ptr<Watch>> watches;
  v1::WatchEventsResponse message;
  for (int i = 0; i < 16; ++i) {
    watches.push_back(std::make_unique<Watch>(service, RequestOf(kPixel)));
    ASSERT_TRUE(watches.back()->Read(&message));
  }
  const int64_t before = MemoryBytes(service, "VmRSS");
  RecordMany(service, "after-", kEvents);
  EXPECT_THAT(AwaitDelivered(service, kPixel, 2 * kEvents),
              ElementsAre(testing::Pair(v1::DELIVERY_STATE_DELIVERED, 2 * kEvents)));
  const int64_t growth = MemoryBytes(service, "VmRSS") - before;
  std::cout << "grew by " << (growth >> 20) << " MiB\n";
  EXPECT_LT(growth, kGrowthMax);
  // Late, but whole.
  std::set<std::string> delivered;
  while (delivered.size() < kEvents && watches[0]->Read(&message)) {
    const bool final_one = message.transition().to_state() == v1::DELIVERY_STATE_DELIVERED;
    if (final_one) delivered.insert(message.event().event_id());
  }
  EXPECT_EQ(delivered.size(), static_cast<size_t>(kEvents));
}

TEST(WatchTest, ATokenIsGoodForItsOwnWatchAndNotForever) {
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  CreateDestination(service, kOtherPixel, v1::DESTINATION_KIND_PIXEL);
  const std::string token = TokenOfNow(service, kPixel);
  const absl::StatusOr<security::KeyRing> keys =
      security::LoadKeyFile(deployment.folder() + "/keys");
  ASSERT_TRUE(keys.ok());
  const absl::Time old = absl::Now() - absl::Hours(24 * 7) - absl::Minutes(5);
  const std::string stale =
      query::PageTokens(keys->page_token_key)
          .Make(
              query::FilterText("WatchEvents").Add("destination", kPixel).Add("states", "").text(),
              std::to_string(absl::ToUnixMicros(old)));
  std::string forged = token;
  forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
  v1::WatchEventsRequest other_states = RequestOf(kPixel, token);
  other_states.add_states(v1::DELIVERY_STATE_DELIVERED);
  for (const v1::WatchEventsRequest& request :
       {RequestOf(kOtherPixel, token), RequestOf(kPixel, forged), RequestOf(kPixel, stale),
        RequestOf(kPixel, "nonsense"), other_states}) {
    const grpc::Status status = Watch(service, request).Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_details(), HasSubstr("INVALID_RESUME_TOKEN"));
  }
  v1::WatchEventsResponse message;
  EXPECT_TRUE(Watch(service, RequestOf(kPixel, token)).Read(&message));
}

TEST(WatchTest, OnlyChangesIntoTheStatesAskedForAreTold) {
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  v1::WatchEventsRequest request = RequestOf(kPixel);
  request.add_states(v1::DELIVERY_STATE_DELIVERED);
  Watch watch(service, request);
  v1::WatchEventsResponse message;
  ASSERT_TRUE(watch.Read(&message));
  support::RealisticEvents generator(1, "only-", absl::Now());
  Record(service, kPixel, {generator.Web(), generator.Web()});
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(watch.Read(&message));
    EXPECT_EQ(message.transition().to_state(), v1::DELIVERY_STATE_DELIVERED);
    v1::EventStatus told = message.event();
    v1::EventStatus whole = GetEvent(service, kPixel, told.event_id());
    whole.clear_transitions();
    whole.clear_attempts();
    EXPECT_EQ(told.DebugString(), whole.DebugString());
  }
}

TEST(WatchTest, TheNumberOfWatchesIsBounded) {
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  std::vector<std::unique_ptr<Watch>> watches;
  v1::WatchEventsResponse message;
  for (int i = 0; i < 64; ++i) {
    watches.push_back(std::make_unique<Watch>(service, RequestOf(kPixel)));
    ASSERT_TRUE(watches.back()->Read(&message));
  }
  const grpc::Status refused = Watch(service, RequestOf(kPixel)).Finish();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_details(), HasSubstr("WATCHES_FULL"));
  watches.pop_back();
  EXPECT_TRUE(
      Await(absl::Seconds(10), [&] { return Watch(service, RequestOf(kPixel)).Read(&message); }));
}

// Callers that read are told to go on elsewhere; one that does not read keeps nobody.
TEST(WatchTest, AnEndingProcessEndsItsWatches) {
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  CreateDestination(service, kOtherPixel, v1::DESTINATION_KIND_PIXEL);
  Watch idle(service, RequestOf(kOtherPixel));
  Watch stuck(service, RequestOf(kPixel));
  v1::WatchEventsResponse message;
  ASSERT_TRUE(idle.Read(&message));
  ASSERT_TRUE(stuck.Read(&message));
  RecordMany(service, "stuck-", 3000);
  const absl::Time begin = absl::Now();
  service.program->Signal(SIGTERM);
  const grpc::Status status = idle.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_details(), HasSubstr("PROCESS_ENDING"));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  EXPECT_EQ(service.program->WaitForExit(absl::Seconds(20)), 0);
}

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

std::string TextOf(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

TEST(WatchTest, TheCommandGoesOnWhereItWas) {
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  const std::string token_file = deployment.folder() + "/token";
  const std::string output_file = deployment.folder() + "/changes";
  std::vector<std::string> command = {ProgramPath("snapledger"),
                                      "events",
                                      "watch",
                                      "--destination",
                                      kPixel,
                                      "--server",
                                      service.address,
                                      "--insecure",
                                      "--state",
                                      "DELIVERED",
                                      "--resume-token",
                                      token_file};
  {
    support::RunningProgram watch(command, output_file);
    support::AwaitFile(token_file, watch, absl::Seconds(20));
    support::RealisticEvents generator(1, "first-", absl::Now());
    Record(service, kPixel, {generator.Web(), generator.Web()});
    EXPECT_TRUE(Await(absl::Seconds(20), [&] { return Count(TextOf(output_file), "first-") == 2; }))
        << TextOf(output_file);
    watch.Signal(SIGTERM);
    EXPECT_EQ(watch.WaitForExit(absl::Seconds(10)), 0);
  }
  support::RealisticEvents generator(2, "second-", absl::Now());
  Record(service, kPixel, {generator.Web(), generator.Web()});
  AwaitDelivered(service, kPixel, 4);
  command.insert(command.end(), {"-o", "json", "--until-idle", "2s"});
  const support::ProgramResult second = support::RunProgram(command, absl::Seconds(60));
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_EQ(Count(second.output, R"("eventId":"second-)"), 2U) << second.output;
}

TEST(WatchTest, AProcessWithoutTheRoleSaysSo) {
  Deployment deployment;
  Service service = deployment.StartService({"--roles", "ingest"});
  const grpc::Status status = Watch(service, RequestOf(kPixel)).Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_details(), HasSubstr("ROLE_NOT_SERVED"));
}

}  // namespace
}  // namespace snapledger::e2e
