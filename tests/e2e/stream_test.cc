// StreamEvents on real parts: order, flow, half-close, and callers that are cut off.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "services/event/event_key.h"
#include "storage/connection.h"
#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";

// One stream: writes messages of `events_per_message`, reads the answers beside, and checks that
// they come in order. With `cut_after` answers it cancels the call instead of closing it.
struct StreamCaller {
  std::set<std::string> sent, acknowledged;
  grpc::Status status;
  int64_t answers = 0;

  void Run(v1::ConversionService::Stub& stub, support::RealisticEvents events, int messages,
           int events_per_message, int64_t cut_after) {
    grpc::ClientContext context;
    const auto stream = stub.StreamEvents(&context);
    std::thread writer([&] {
      for (int64_t sequence = 1; sequence <= messages; ++sequence) {
        v1::StreamEventsRequest request;
        request.set_sequence(sequence);
        request.mutable_record()->set_destination(kPixel);
        for (int i = 0; i < events_per_message; ++i) {
          *request.mutable_record()->add_events() = events.Web();
          sent.insert(request.record().events(i).event_id());
        }
        if (!stream->Write(request)) return;
      }
      stream->WritesDone();
    });
    v1::StreamEventsResponse response;
    while (stream->Read(&response)) {
      EXPECT_EQ(response.sequence(), ++answers);
      EXPECT_EQ(response.error_code(), 0) << response.error_message();
      for (const v1::EventVerdict& verdict : response.verdicts()) {
        EXPECT_EQ(verdict.outcome(), v1::OUTCOME_ACCEPTED);
        acknowledged.insert(verdict.event_id());
      }
      if (answers == cut_after) context.TryCancel();
    }
    writer.join();
    status = stream->Finish();
  }
};

TEST(StreamTest, AnswersInOrderAndDrainsAfterTheHalfClose) {
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  StreamCaller caller;
  caller.Run(*service.conversions, {1, "stream-", absl::Now()}, 200, 5, -1);
  EXPECT_TRUE(caller.status.ok()) << caller.status.error_message();
  EXPECT_EQ(caller.answers, 200);
  EXPECT_EQ(caller.acknowledged, caller.sent);
  EXPECT_THAT(AwaitDelivered(service, kPixel, 1000),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 1000)));
}

TEST(StreamTest, AMessageThatIsWrongAsAWholeIsAnsweredAndTheStreamGoesOn) {
  Deployment deployment;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  support::RealisticEvents events(1, "mixed-", absl::Now());
  grpc::ClientContext context;
  const auto stream = service.conversions->StreamEvents(&context);
  v1::StreamEventsRequest request;
  v1::StreamEventsResponse response;
  request.set_sequence(7);
  request.mutable_record()->set_destination("nobody");
  *request.mutable_record()->add_events() = events.Web();
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.sequence(), 7);
  EXPECT_EQ(response.error_code(), grpc::StatusCode::NOT_FOUND);
  request.set_sequence(8);
  request.mutable_record()->set_destination(kPixel);
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.error_code(), 0);
  EXPECT_EQ(response.verdicts_size(), 1);
  stream->WritesDone();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

// Many streams at once, a part of them cut off somewhere: whatever was acknowledged is stored, and
// nothing is stored that nobody sent.
TEST(StreamTest, CutCallersLoseNothingThatWasAcknowledged) {
  constexpr int kStreams = 60;
  std::mt19937 random(20261123);
  Deployment deployment;
  Service service = deployment.StartService();
  v1::DestinationSettings settings;
  settings.set_max_requests_per_second(1000);
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL, settings);
  std::vector<StreamCaller> callers(kStreams);
  std::vector<std::thread> threads;
  for (int i = 0; i < kStreams; ++i) {
    const int64_t cut_after = i % 2 == 0 ? 1 + static_cast<int64_t>(random() % 30) : -1;
    threads.emplace_back([&, i, cut_after] {
      callers[i].Run(*service.conversions,
                     {static_cast<uint64_t>(i), "cut" + std::to_string(i) + "-", absl::Now()}, 40,
                     5, cut_after);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> sent, acknowledged;
  for (const StreamCaller& caller : callers) {
    sent.insert(caller.sent.begin(), caller.sent.end());
    acknowledged.insert(caller.acknowledged.begin(), caller.acknowledged.end());
  }
  std::map<v1::DeliveryState, int64_t> counts;
  ASSERT_TRUE(Await(absl::Seconds(60), [&] {
    counts = StateCounts(service, kPixel);
    return counts.size() == 1 && counts.contains(v1::DELIVERY_STATE_DELIVERED);
  }));
  std::set<std::string> arrived;
  for (const JournalEvent& event : deployment.ReadJournal().events) arrived.insert(event.event_id);
  EXPECT_THAT(arrived, ::testing::IsSupersetOf(acknowledged));
  EXPECT_THAT(sent, ::testing::IsSupersetOf(arrived));
  EXPECT_EQ(counts[v1::DELIVERY_STATE_DELIVERED], static_cast<int64_t>(arrived.size()));
}

// One stream of a caller that has many, without threads of its own: writes as fast as flow control
// lets it, and cancels after `cut_after` answers unless that is negative.
class AsyncStream final
    : public grpc::ClientBidiReactor<v1::StreamEventsRequest, v1::StreamEventsResponse> {
 public:
  static constexpr int kMessages = 40;
  static constexpr int kEventsPerMessage = 5;

  AsyncStream(int number, int64_t cut_after, absl::BlockingCounter& running)
      : cut_after_(cut_after),
        events_(static_cast<uint64_t>(number), "s" + std::to_string(number) + "-", absl::Now()),
        running_(running) {}

  void Start(v1::ConversionService::Stub& stub) {
    stub.async()->StreamEvents(&context_, this);
    StartRead(&response_);
    WriteNext();
    StartCall();
  }

  void OnWriteDone(bool ok) override {
    if (ok) WriteNext();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    ++answers_;
    const bool refused = response_.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
    in_order_ =
        in_order_ && response_.sequence() == answers_ && (refused || response_.error_code() == 0);
    if (refused) ++refused_messages;
    for (const v1::EventVerdict& verdict : response_.verdicts()) {
      in_order_ = in_order_ && verdict.outcome() == v1::OUTCOME_ACCEPTED;
      acknowledged.push_back(verdict.event_id());
    }
    if (answers_ == cut_after_) context_.TryCancel();
    StartRead(&response_);
  }
  void OnDone(const grpc::Status& status) override {
    // A stream that is cut may have been answered whole before the cut came.
    const bool whole =
        answers_ == kMessages &&
        std::ssize(acknowledged) == (kMessages - refused_messages) * kEventsPerMessage;
    as_expected_ = in_order_ && (status.ok() ? whole : cut_after_ >= 0);
    running_.DecrementCount();
  }

  bool as_expected() const { return as_expected_; }
  // Once it is done.
  std::vector<std::string> sent, acknowledged;
  int64_t refused_messages = 0;  // the intake was full

 private:
  void WriteNext() {
    if (sequence_ == kMessages) {
      StartWritesDone();
      return;
    }
    request_.Clear();
    request_.set_sequence(++sequence_);
    request_.mutable_record()->set_destination(kPixel);
    for (int i = 0; i < kEventsPerMessage; ++i) {
      *request_.mutable_record()->add_events() = events_.Web();
      sent.push_back(request_.record().events(i).event_id());
    }
    StartWrite(&request_);
  }

  const int64_t cut_after_;
  grpc::ClientContext context_;
  support::RealisticEvents events_;
  absl::BlockingCounter& running_;
  v1::StreamEventsRequest request_;
  v1::StreamEventsResponse response_;
  int64_t sequence_ = 0, answers_ = 0;
  bool in_order_ = true, as_expected_ = false;
};

constexpr storage::Statement kStoredKeys = {"stored_keys_of_test",
                                            "select event_key from identity"};

// The keys the ledger holds, as its table has them.
std::set<event::EventKey> StoredKeys(const std::string& database_url) {
  storage::Connection connection({.url = database_url});
  const storage::Result rows = connection.Execute(kStoredKeys);
  std::set<event::EventKey> keys;
  for (int row = 0; row < rows.row_count(); ++row) keys.insert(rows.UuidValue(row, 0));
  return keys;
}

// A thousand streams of 200 events at once, half of them cut off somewhere. The dispatcher rests,
// so that what is measured is the streams.
TEST(StreamTest, AThousandStreamsKeepOrderAndMemoryAndLoseNothing) {
  constexpr int kStreams = 1000;
  constexpr int kConnections = 4;
  constexpr int64_t kGrowthMax = int64_t{256} << 20;
  std::mt19937 random(20261124);
  Deployment deployment;
  Service service = deployment.StartService({"--roles", "ingest,query"});
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  const int64_t before = MemoryBytes(service, "VmRSS");
  std::vector<std::unique_ptr<v1::ConversionService::Stub>> stubs;
  for (int i = 0; i < kConnections; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs.push_back(v1::ConversionService::NewStub(
        grpc::CreateCustomChannel(service.address, grpc::InsecureChannelCredentials(), arguments)));
  }
  absl::BlockingCounter running(kStreams);
  std::vector<std::unique_ptr<AsyncStream>> streams;
  const absl::Time begin = absl::Now();
  for (int i = 0; i < kStreams; ++i) {
    const int64_t cut_after = i % 2 == 0 ? 1 + static_cast<int64_t>(random() % 40) : -1;
    streams.push_back(std::make_unique<AsyncStream>(i, cut_after, running));
    streams.back()->Start(*stubs[i % kConnections]);
  }
  running.Wait();
  const absl::Duration elapsed = absl::Now() - begin;
  const int64_t growth = MemoryBytes(service, "VmHWM") - before;
  std::set<event::EventKey> sent, acknowledged;
  int as_expected = 0;
  int64_t refused = 0;
  for (const auto& stream : streams) {
    refused += stream->refused_messages;
    as_expected += stream->as_expected() ? 1 : 0;
    for (const std::string& id : stream->sent) sent.insert(event::MakeEventKey(id));
    for (const std::string& id : stream->acknowledged) {
      acknowledged.insert(event::MakeEventKey(id));
    }
  }
  // A message of a caller that is gone may still be on its way to the ledger.
  std::set<event::EventKey> stored;
  ASSERT_TRUE(Await(absl::Seconds(30), [&] {
    const size_t seen = stored.size();
    stored = StoredKeys(deployment.database_url());
    return stored.size() == seen;
  }));
  std::cout << sent.size() << " sent, " << acknowledged.size() << " acknowledged, " << stored.size()
            << " stored, " << refused << " messages refused in " << elapsed
            << "; the service grew by " << (growth >> 20) << " MiB\n";
  EXPECT_EQ(as_expected, kStreams);
  EXPECT_TRUE(
      std::includes(stored.begin(), stored.end(), acknowledged.begin(), acknowledged.end()));
  EXPECT_TRUE(std::includes(sent.begin(), sent.end(), stored.begin(), stored.end()));
  EXPECT_GE(acknowledged.size(), size_t{kStreams / 4 * 200});
  EXPECT_LT(growth, kGrowthMax);
}

}  // namespace
}  // namespace snapledger::e2e
