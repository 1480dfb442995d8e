#include "services/emulator/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/emulator/digest.h"
#include "tests/services/emulator/harness.h"

namespace snapledger::emulator {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class JournalTest : public EmulatorTest {};

TEST_F(JournalTest, OneLineForTheRequestAndOneForEachEvent) {
  Start();
  const absl::Time before = absl::Now();
  const std::string body = Batch({LiveEvent("e1"), LiveEvent("e2")});
  client_->Post(EventsUrl("px", "top-secret"), body);
  const auto requests = Journal("request");
  ASSERT_EQ(requests.size(), 1U);
  const rapidjson::Document& request = requests[0];
  EXPECT_EQ(request["number"].GetInt(), 1);
  EXPECT_GE(request["time"].GetDouble(), absl::ToDoubleSeconds(before - absl::UnixEpoch()) - 1e-3);
  EXPECT_LE(request["time"].GetDouble(),
            absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()) + 1e-3);
  EXPECT_STREQ(request["asset"].GetString(), "px");
  EXPECT_STREQ(request["endpoint"].GetString(), "events");
  EXPECT_EQ(request["token_sha256"].GetString(), Sha256Hex("top-secret"));
  EXPECT_EQ(request["body_sha256"].GetString(), Sha256Hex(body));
  EXPECT_EQ(request["events"].GetInt(), 2);
  EXPECT_TRUE(request["fault"].IsNull());
  EXPECT_EQ(request["answer"]["status"].GetInt(), 200);
  EXPECT_TRUE(request["answer"]["complete"].GetBool());
  EXPECT_TRUE(request["answer"]["valid"].GetBool());
  const auto events = Journal("event");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1]["request"].GetInt(), 1);
  EXPECT_STREQ(events[1]["asset"].GetString(), "px");
  EXPECT_STREQ(events[1]["event_id"].GetString(), "e2");
  EXPECT_TRUE(events[1]["accepted"].GetBool());
  EXPECT_STREQ(events[1]["event"]["event_name"].GetString(), "PURCHASE");
  EXPECT_THAT(JournalText(), Not(HasSubstr("top-secret")));
}

TEST_F(JournalTest, HashesTheExactBytesOfAnEvent) {
  Start();
  std::string event = LiveEvent("e1");
  event.insert(1, "\n\t \"integration2\" : \"\\u00eb \xc3\xab }],\" ,\r\n ");
  client_->Post(EventsUrl(), absl::StrCat("{\"data\" : [  ", event, " ,", LiveEvent("e2"), "]}"));
  const auto events = Journal("event");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]["event_sha256"].GetString(), Sha256Hex(event));
  EXPECT_EQ(events[1]["event_sha256"].GetString(), Sha256Hex(LiveEvent("e2")));
  EXPECT_STREQ(events[0]["event"]["event_id"].GetString(), "e1");
}

TEST_F(JournalTest, RefusedAndValidatedEventsAreNotAccepted) {
  Start();
  SendEvents({LiveEvent("e1"), LiveEvent("e2", {{"/user_data", "{}"}})});
  client_->Post(ValidateUrl(), Batch({LiveEvent("e3")}));
  client_->Post(EventsUrl("px", ""), Batch({LiveEvent("e4")}));
  const auto requests = Journal("request");
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0]["answer"]["status"].GetInt(), 400);
  EXPECT_STREQ(requests[1]["endpoint"].GetString(), "validate");
  EXPECT_TRUE(requests[2]["token_sha256"].IsNull());
  EXPECT_EQ(requests[2]["events"].GetInt(), 1);
  const auto events = Journal("event");
  ASSERT_EQ(events.size(), 4U);
  for (const auto& event : events) EXPECT_FALSE(event["accepted"].GetBool());
}

TEST_F(JournalTest, TellsDuplicatesAndTestEvents) {
  Start();
  SendEvents({LiveEvent("e1"), LiveEvent("e1"), LiveEvent("e2", {{"/test_event_code", "\"T\""}})});
  const auto events = Journal("event");
  ASSERT_EQ(events.size(), 3U);
  EXPECT_TRUE(events[0]["counted"].GetBool());
  EXPECT_TRUE(events[1]["accepted"].GetBool());
  EXPECT_FALSE(events[1]["counted"].GetBool());
  EXPECT_TRUE(events[2]["accepted"].GetBool());
  EXPECT_FALSE(events[2]["counted"].GetBool());
  EXPECT_TRUE(events[2]["test"].GetBool());
}

TEST_F(JournalTest, OtherRequestsHaveALineToo) {
  Start();
  client_->Get(emulator_->url() + "/v3/px/events/validate/logs?access_token=t");
  client_->Get(emulator_->url() + "/v3/px/events/validate/stats?access_token=t");
  client_->Get(emulator_->url() + "/v1/pixels/px/event_quality_scores");
  client_->Get(emulator_->url() + "/elsewhere");
  client_->Post(EventsUrl(), "not json");
  const auto requests = Journal("request");
  ASSERT_EQ(requests.size(), 5U);
  const char* const endpoints[] = {"logs", "stats", "quality", "other", "events"};
  const int statuses[] = {200, 200, 401, 404, 400};
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_STREQ(requests[i]["endpoint"].GetString(), endpoints[i]);
    EXPECT_EQ(requests[i]["answer"]["status"].GetInt(), statuses[i]);
    EXPECT_EQ(requests[i]["number"].GetUint64(), i + 1);
  }
}

TEST_F(JournalTest, GoesOnAfterARestart) {
  Start();
  SendEvents({LiveEvent("e1")});
  SendEvents({LiveEvent("e2")});
  Stop();
  WriteText(options_.journal_file, JournalText() + R"({"kind":"request","num)");
  Start();
  SendEvents({LiveEvent("e3")});
  const std::string text = JournalText();
  EXPECT_THAT(text, HasSubstr("\"num\n{\"kind\":\"request\",\"number\":3,"));
}

TEST_F(JournalTest, AJournalThatCannotBeOpenedStopsTheStart) {
  options_.journal_file = FilePath("no/such/folder");
  EXPECT_THAT(std::string(Emulator::Start(options_).status().message()),
              HasSubstr("cannot open the journal"));
}

TEST_F(JournalTest, NoAnswerWithoutItsLine) {
  options_.journal_file = "/dev/full";
  Start();
  const Reply reply = SendEvents({LiveEvent("e1")});
  EXPECT_EQ(reply.code, CURLE_GOT_NOTHING);
  EXPECT_EQ(reply.status, 0);
}

}  // namespace
}  // namespace snapledger::emulator
