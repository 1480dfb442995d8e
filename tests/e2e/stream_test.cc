// StreamEvents on real parts: order, flow, half-close, and callers that are cut off.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <thread>

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

}  // namespace
}  // namespace snapledger::e2e
