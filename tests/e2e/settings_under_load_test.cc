// Settings changed under load, with two processes on one database: each is in effect in both within
// seconds, and no event is lost, sent twice or taken twice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "storage/pool.h"
#include "storage/transaction.h"
#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr char kFirstToken[] = "token-of-6abc82ca-1111-4222-8333-abcdefabcdef";
// Stricter than the five seconds that are promised.
constexpr double kInEffectSeconds = 4;
constexpr int kRequestsLooked = 10;
constexpr absl::Duration kCallInterval = absl::Milliseconds(200);

constexpr storage::Statement kLanesUsed = {
    "test_lanes_used",
    "select distinct s.lane::int from lot l join shard s on s.shard = l.shard"
    " where l.received_time > $1 order by 1"};

double NowSeconds() { return absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()); }

std::string Sha256Hex(const std::string& text) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return absl::BytesToHexString(digest);
}

// Records new events through one process at a steady pace, and each of them once more through the
// other.
class Caller {
 public:
  Caller(int number, Service& own, Service& other)
      : generator_(number, "caller" + std::to_string(number) + "-", absl::Now()),
        own_(own),
        other_(other) {}

  void Run(const absl::Notification& stop) {
    do {
      const std::vector<v1::ConversionEvent> events = {generator_.Web(), generator_.Web(),
                                                       generator_.Web()};
      for (const v1::EventVerdict& verdict : Record(own_, kPixel, events)) {
        EXPECT_EQ(verdict.outcome(), v1::OUTCOME_ACCEPTED);
        acknowledged.insert(verdict.event_id());
      }
      waiting_.push_back(events);
      // Repeats come at once and, over a change of lanes, seconds later.
      for (const auto& repeated : {waiting_.back(), waiting_.front()}) {
        for (const v1::EventVerdict& verdict : Record(other_, kPixel, repeated)) {
          EXPECT_EQ(verdict.outcome(), v1::OUTCOME_DUPLICATE);
        }
      }
      if (waiting_.size() > 10) waiting_.pop_front();
      ++calls;
    } while (!stop.WaitForNotificationWithTimeout(kCallInterval));
  }

  std::set<std::string> acknowledged;
  std::atomic<int> calls = 0;

 private:
  support::RealisticEvents generator_;
  Service& own_;
  Service& other_;
  std::deque<std::vector<v1::ConversionEvent>> waiting_;
};

struct Request {
  JournalRequest line;
  std::vector<JournalEvent> events;
};

class SettingsUnderLoadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    settings_.set_max_requests_per_second(100);
    CreateDestination(first_, kPixel, v1::DESTINATION_KIND_PIXEL, settings_);
    ASSERT_TRUE(Await(absl::Seconds(5), [&] {
      v1::GetDestinationRequest request;
      request.set_destination_id(kPixel);
      grpc::ClientContext context;
      v1::GetDestinationResponse response;
      return second_.admin->GetDestination(&context, request, &response).ok();
    }));
    for (Caller& caller : callers_) {
      threads_.emplace_back([this, &caller] { caller.Run(stop_); });
    }
  }

  void TearDown() override { StopLoad(); }

  void StopLoad() {
    if (!stop_.HasBeenNotified()) stop_.Notify();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  void Update() {
    v1::UpdateDestinationRequest request;
    request.set_destination_id(kPixel);
    *request.mutable_settings() = settings_;
    grpc::ClientContext context;
    v1::UpdateDestinationResponse response;
    const grpc::Status status = first_.admin->UpdateDestination(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  void Rotate(const std::string& token) {
    v1::RotateDestinationTokenRequest request;
    request.set_destination_id(kPixel);
    request.set_access_token(token);
    grpc::ClientContext context;
    v1::RotateDestinationTokenResponse response;
    const grpc::Status status = second_.admin->RotateDestinationToken(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  // The requests Snap answered as usual that arrived after a moment.
  std::vector<Request> Delivered(double after) const {
    const Journal journal = deployment_.ReadJournal();
    std::map<int64_t, Request> by_number;
    for (const JournalRequest& line : journal.requests) {
      if (line.time > after && line.valid) by_number[line.number].line = line;
    }
    for (const JournalEvent& event : journal.events) {
      const auto request = by_number.find(event.request);
      if (request != by_number.end()) request->second.events.push_back(event);
    }
    std::vector<Request> requests;
    for (auto& [number, request] : by_number) requests.push_back(std::move(request));
    return requests;
  }

  // Makes a change and gives what Snap got once it must be in effect.
  std::vector<Request> AfterChange(const std::function<void()>& change) {
    const double from = NowSeconds() + kInEffectSeconds;
    change();
    std::vector<Request> requests;
    EXPECT_TRUE(Await(absl::Seconds(20), [&] {
      requests = Delivered(from);
      return requests.size() >= kRequestsLooked;
    }));
    return requests;
  }

  std::vector<int> LanesUsedSince(double seconds) {
    storage::ConnectionPool pool({.connection = {.url = deployment_.database_url()}});
    const auto lanes = storage::WithConnection(pool, [&](storage::Connection& connection) {
      const storage::Result rows = connection.Execute(
          kLanesUsed, storage::Parameters().Time(absl::UnixEpoch() + absl::Seconds(seconds)));
      std::vector<int> used;
      for (int row = 0; row < rows.row_count(); ++row) used.push_back(rows.Int4(row, 0));
      return used;
    });
    EXPECT_TRUE(lanes.ok());
    return *lanes;
  }

  bool IsGzipped(const Request& request) {
    const v1::EventStatus status = GetEvent(first_, kPixel, request.events.at(0).event_id);
    // The attempt's digest is of the body before it is compressed.
    return status.attempts().rbegin()->body_sha256() != request.line.body_sha256;
  }

  v1::Destination GetDestination() {
    v1::GetDestinationRequest request;
    request.set_destination_id(kPixel);
    grpc::ClientContext context;
    v1::GetDestinationResponse response;
    EXPECT_TRUE(second_.admin->GetDestination(&context, request, &response).ok());
    return response.destination();
  }

  // Nothing is sent while it is paused, though events come in; afterwards all of it is.
  void CheckPause() {
    const int calls_before = callers_[0].calls;
    v1::PauseDestinationRequest pause;
    pause.set_destination_id(kPixel);
    grpc::ClientContext pause_context;
    v1::PauseDestinationResponse paused;
    ASSERT_TRUE(first_.admin->PauseDestination(&pause_context, pause, &paused).ok());
    const double from = NowSeconds() + 1;
    ASSERT_TRUE(Await(absl::Seconds(30), [&] { return callers_[0].calls >= calls_before + 15; }));
    ASSERT_GT(NowSeconds(), from + 1);
    EXPECT_THAT(Delivered(from), ::testing::IsEmpty());
    v1::ResumeDestinationRequest resume;
    resume.set_destination_id(kPixel);
    grpc::ClientContext resume_context;
    v1::ResumeDestinationResponse resumed;
    ASSERT_TRUE(second_.admin->ResumeDestination(&resume_context, resume, &resumed).ok());
    EXPECT_TRUE(Await(absl::Seconds(5), [&] { return !Delivered(from).empty(); }));
  }

  void CheckEveryEventArrivedOnce() {
    StopLoad();
    std::set<std::string> acknowledged = callers_[0].acknowledged;
    acknowledged.insert(callers_[1].acknowledged.begin(), callers_[1].acknowledged.end());
    const auto count = static_cast<int64_t>(acknowledged.size());
    EXPECT_THAT(AwaitDelivered(first_, kPixel, count),
                ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, count)));
    std::map<std::string, int> arrivals;
    for (const Request& request : Delivered(0)) {
      for (const JournalEvent& event : request.events) {
        ++arrivals[event.event_id];
        const bool test = absl::StrContains(event.event_json, "test_event_code");
        EXPECT_EQ(event.counted, !test) << event.event_id;
      }
    }
    EXPECT_EQ(arrivals.size(), acknowledged.size());
    for (const std::string& id : acknowledged) EXPECT_EQ(arrivals[id], 1) << id;
    // Where an event is recorded, the other process finds it, whatever lanes it was put by.
    for (int i = 0; i < 20; ++i) {
      const std::string& id = *std::next(acknowledged.begin(), i * count / 20);
      EXPECT_EQ(GetEvent(second_, kPixel, id).state(), v1::DELIVERY_STATE_DELIVERED);
    }
  }

  Deployment deployment_{{"--gzip-requests", "accept"}};
  Service first_ = deployment_.StartService();
  Service second_ = deployment_.StartService();
  v1::DestinationSettings settings_;
  Caller callers_[2] = {{1, first_, second_}, {2, second_, first_}};
  absl::Notification stop_;
  std::vector<std::thread> threads_;
};

TEST_F(SettingsUnderLoadTest, EveryChangeIsInEffectInBothProcessesAndNoEventIsLostOrDoubled) {
  settings_.set_lane_count(4);
  double changed = NowSeconds();
  AfterChange([&] { Update(); });
  EXPECT_THAT(LanesUsedSince(changed + 1), ElementsAre(0, 1, 2, 3));

  settings_.set_test_mode(true);
  settings_.set_test_event_code("T-1");
  for (const Request& request : AfterChange([&] { Update(); })) {
    for (const JournalEvent& event : request.events) {
      EXPECT_TRUE(absl::StrContains(event.event_json, R"("test_event_code":"T-1")"));
    }
  }
  settings_.set_test_mode(false);
  settings_.set_gzip_requests(true);
  for (const Request& request : AfterChange([&] { Update(); })) {
    EXPECT_TRUE(IsGzipped(request));
    for (const JournalEvent& event : request.events) {
      EXPECT_FALSE(absl::StrContains(event.event_json, "test_event_code"));
    }
  }

  settings_.set_lane_count(2);
  settings_.set_gzip_requests(false);
  settings_.set_max_events_per_request(1);
  changed = NowSeconds();
  for (const Request& request : AfterChange([&] { Update(); })) {
    EXPECT_FALSE(IsGzipped(request));
    EXPECT_EQ(request.events.size(), 1U);
  }
  EXPECT_THAT(LanesUsedSince(changed + 1), ElementsAre(0, 1));

  settings_.set_max_events_per_request(2000);
  settings_.set_max_requests_per_second(2);
  const std::vector<Request> slow = AfterChange([&] { Update(); });
  // Two lanes: each lets one through a second.
  EXPECT_GE(slow.back().line.time - slow.front().line.time,
            (static_cast<double>(slow.size()) - 3) / 2);
  settings_.set_max_requests_per_second(100);
  const std::vector<Request> fast = AfterChange([&] { Update(); });
  EXPECT_LT(fast[kRequestsLooked - 1].line.time - fast[0].line.time, 3);

  deployment_.emulator().SetTokens(std::string(kPixel) + " " + kFirstToken + "\n" + kPixel +
                                   " second-token\n");
  for (const Request& request : AfterChange([&] { Rotate("second-token"); })) {
    EXPECT_EQ(request.line.token_sha256, Sha256Hex("second-token"));
  }
  // The old one dies; then one is put in place that Snap does not know yet.
  deployment_.emulator().SetTokens(std::string(kPixel) + " second-token\n");
  for (const Request& request : AfterChange([&] { Rotate("third-token"); })) {
    EXPECT_EQ(request.line.token_sha256, Sha256Hex("second-token"));
  }
  EXPECT_EQ(GetDestination().paused(), false);
  EXPECT_EQ(GetDestination().tokens_size(), 2);

  CheckPause();
  CheckEveryEventArrivedOnce();
}

}  // namespace
}  // namespace snapledger::e2e
