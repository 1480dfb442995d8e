#include "services/bench/payload_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/support/temporary_folder.h"

namespace snapledger::bench {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

std::string Wire(const PayloadCorpus& corpus, int64_t call) {
  v1::RecordEventsRequest request;
  corpus.Fill("measured", call, 20, &request);
  return request.SerializeAsString();
}

TEST(PayloadCorpusTest, GivesTheSameEventsForTheSameSeed) {
  const PayloadCorpus corpus(7, kNow);
  EXPECT_EQ(Wire(corpus, 4), Wire(PayloadCorpus(7, kNow), 4));
  EXPECT_NE(Wire(corpus, 4), Wire(PayloadCorpus(8, kNow), 4));
}

TEST(PayloadCorpusTest, GivesEveryEventAnIdOfItsOwn) {
  const PayloadCorpus corpus(7, kNow);
  std::set<std::string> ids;
  v1::RecordEventsRequest request;
  for (int call = 0; call < 10; ++call) {
    corpus.Fill("measured", call, 20, &request);
    ASSERT_EQ(request.events_size(), 20);
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(request.events(i).event_id(), corpus.EventId("measured", call * 20 + i));
      ids.insert(request.events(i).event_id());
    }
  }
  EXPECT_EQ(ids.size(), 200);
  EXPECT_NE(corpus.EventId("measured", 1), corpus.EventId("backlog0", 1));
}

TEST(PayloadCorpusTest, GivesTheSameCallSerialized) {
  const PayloadCorpus corpus(7, kNow);
  for (int64_t call = 0; call < 10; ++call) {
    v1::RecordEventsRequest request, serialized;
    corpus.Fill("measured", call, 1, &request);
    grpc::Slice bytes;
    ASSERT_TRUE(corpus.SerializedCall("measured", call).DumpToSingleSlice(&bytes).ok());
    ASSERT_TRUE(serialized.ParseFromArray(bytes.begin(), static_cast<int>(bytes.size())));
    EXPECT_EQ(serialized.SerializeAsString(), request.SerializeAsString());
  }
}

TEST(PayloadCorpusTest, SendsEachKindToItsDestination) {
  const PayloadCorpus corpus(7, kNow);
  std::map<std::string, std::set<v1::ActionSource>> kinds;
  v1::RecordEventsRequest request;
  for (int call = 0; call < 10; ++call) {
    corpus.Fill("measured", call, 20, &request);
    for (const auto& event : request.events()) {
      kinds[request.destination()].insert(event.action_source());
    }
  }
  EXPECT_THAT(kinds[kPixelId],
              testing::UnorderedElementsAre(v1::ACTION_SOURCE_WEB, v1::ACTION_SOURCE_OFFLINE));
  EXPECT_THAT(kinds[kAppId], testing::UnorderedElementsAre(v1::ACTION_SOURCE_MOBILE_APP));
}

TEST(PayloadCorpusTest, WritesEventsOfTheUsualSizeAsSnapGetsThem) {
  const PayloadCorpus corpus(7, kNow);
  EXPECT_NEAR(corpus.MeanSnapBytes(), 1100, 100);
  const support::TemporaryFolder folder;
  ASSERT_TRUE(corpus.WriteSnapEvents(folder.path() + "/events", 50).ok());
  std::ifstream file(folder.path() + "/events");
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    EXPECT_THAT(line, testing::StartsWith("{\"event_name\":"));
    EXPECT_THAT(line, testing::HasSubstr(corpus.EventId("measured", lines)));
  }
  EXPECT_EQ(lines, 50);
  EXPECT_FALSE(corpus.WriteSnapEvents(folder.path() + "/none/events", 1).ok());
}

}  // namespace
}  // namespace snapledger::bench
