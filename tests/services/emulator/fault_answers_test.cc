// The faults that strike requests, as a client meets them and as the journal tells them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/services/emulator/harness.h"

namespace snapledger::emulator {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class FaultAnswersTest : public EmulatorTest {
 protected:
  FaultAnswersTest() { Start(); }

  Reply SendOne() { return SendEvents({LiveEvent("e1")}); }
  bool Counted() { return Admin("/conversions").find("\"total_counted\":1") != std::string::npos; }

  // The last request line with the answer as a later line corrects it.
  struct Line {
    std::string fault;
    int status = -1;
    bool complete = false;
    bool valid = false;
  };
  Line LastLine() {
    const auto requests = Journal("request");
    Line line;
    if (requests.empty()) return line;
    const auto& request = requests.back();
    if (request["fault"].IsString()) line.fault = request["fault"].GetString();
    Fill(request["answer"], line);
    for (const auto& answer : Journal("answer")) {
      if (answer["request"] == request["number"]) Fill(answer["answer"], line);
    }
    return line;
  }
  static void Fill(const rapidjson::Value& answer, Line& line) {
    line.status = answer["status"].GetInt();
    line.complete = answer["complete"].GetBool();
    line.valid = answer["valid"].GetBool();
  }
};

TEST_F(FaultAnswersTest, StatusWithoutAndWithProcessing) {
  SetFaults(R"([{"kind":"status","status":500,"count":1},
                {"kind":"status","status":500,"count":1,"process":true,"body":"<b>oops</b>",
                 "headers":{"X-Proxy":"yes"},"name":"late failure"}])");
  const Reply first = SendOne();
  EXPECT_EQ(first.status, 500);
  EXPECT_FALSE(Counted());
  EXPECT_FALSE(Journal("event")[0]["accepted"].GetBool());
  const Reply second = SendOne();
  EXPECT_EQ(second.status, 500);
  EXPECT_EQ(second.body, "<b>oops</b>");
  EXPECT_EQ(second.headers.at("x-proxy"), "yes");
  EXPECT_EQ(second.headers.at("content-type"), "text/html");
  EXPECT_TRUE(Counted());
  EXPECT_TRUE(Journal("event")[1]["accepted"].GetBool());
  EXPECT_EQ(LastLine().fault, "late failure");
  EXPECT_TRUE(LastLine().complete);
  EXPECT_FALSE(LastLine().valid);
  EXPECT_EQ(SendOne().status, 200);
}

TEST_F(FaultAnswersTest, ALyingSuccessIsJournaledAsValid) {
  SetFaults(R"([{"kind":"status","status":200,"body":"{\"status\":\"VALID\"}"}])");
  EXPECT_EQ(SendOne().status, 200);
  EXPECT_FALSE(Counted());
  EXPECT_TRUE(LastLine().valid);
}

TEST_F(FaultAnswersTest, ThrottleInSecondsAndAsDate) {
  SetFaults(R"([{"kind":"throttle","retry_after":7,"count":1},
                {"kind":"throttle","retry_after":60,"retry_after_as":"date","count":1},
                {"kind":"throttle","count":1}])");
  const Reply seconds = SendOne();
  EXPECT_EQ(seconds.status, 429);
  EXPECT_EQ(seconds.headers.at("retry-after"), "7");
  EXPECT_EQ(Journal("request").back()["answer"]["retry_after"].GetDouble(), 7);
  const Reply date = SendOne();
  absl::Time parsed;
  std::string error;
  ASSERT_TRUE(
      absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", date.headers.at("retry-after"), &parsed, &error))
      << error;
  EXPECT_LE(absl::AbsDuration(parsed - absl::Now() - absl::Seconds(60)), absl::Seconds(5));
  const std::vector<rapidjson::Document> lines = Journal("request");
  const rapidjson::Document& line = lines.back();
  const absl::Time asked = absl::FromUnixMicros(
      std::llround((line["time"].GetDouble() + line["answer"]["retry_after"].GetDouble()) * 1e6));
  EXPECT_LT(absl::AbsDuration(asked - parsed), absl::Milliseconds(1));
  EXPECT_EQ(SendOne().headers.count("retry-after"), 0U);
  EXPECT_FALSE(Counted());
}

TEST_F(FaultAnswersTest, RejectedEventsFallWithTheirBatch) {
  SetFaults(R"([{"kind":"reject_events","event_ids":["bad"],"body":"Not this one."}])");
  const Reply reply = SendEvents({LiveEvent("e1"), LiveEvent("bad")});
  EXPECT_EQ(reply.status, 400);
  const rapidjson::Document body = ParseBody(reply.body);
  EXPECT_EQ(body["event"].GetInt(), 2);
  EXPECT_STREQ(body["errors"]["error_msgs"][0].GetString(), "Not this one.");
  EXPECT_EQ(LastLine().fault, "reject_events");
  EXPECT_FALSE(Counted());
  const Reply validate = client_->Post(ValidateUrl(), Batch({LiveEvent("e1"), LiveEvent("bad")}));
  const rapidjson::Document logs = ParseBody(validate.body);
  EXPECT_STREQ(logs["event_logs"][0]["status"].GetString(), "VALID");
  EXPECT_STREQ(logs["event_logs"][1]["status"].GetString(), "INVALID");
  EXPECT_EQ(SendOne().status, 200);
}

TEST_F(FaultAnswersTest, RejectionWithoutAnIndex) {
  SetFaults(R"([{"kind":"reject_events","event_ids":["bad"],"name_event":false}])");
  EXPECT_FALSE(ParseBody(SendEvents({LiveEvent("bad")}).body).HasMember("event"));
}

TEST_F(FaultAnswersTest, HangEndsWithoutAnAnswer) {
  SetFaults(R"([{"kind":"hang","seconds":0.05,"count":1},
                {"kind":"hang","seconds":0.05,"process":false}])");
  const Reply reply = SendOne();
  EXPECT_EQ(reply.code, CURLE_GOT_NOTHING);
  EXPECT_TRUE(Counted());
  EXPECT_EQ(LastLine().status, 0);
  EXPECT_FALSE(LastLine().complete);
  EXPECT_EQ(SendEvents({LiveEvent("e2")}).code, CURLE_GOT_NOTHING);
  EXPECT_TRUE(Counted());
}

TEST_F(FaultAnswersTest, HangIsJournaledWhileItLasts) {
  SetFaults(R"([{"kind":"hang","seconds":600}])");
  client_->set_timeout_ms(5000);
  std::thread sender([this] { EXPECT_NE(SendOne().code, CURLE_OK); });
  while (Journal("request").empty()) std::this_thread::yield();
  EXPECT_THAT(Admin("/health"), HasSubstr("\"in_progress\":1"));
  Stop();
  sender.join();
}

TEST_F(FaultAnswersTest, DelayAnswersLate) {
  SetFaults(R"([{"kind":"delay","ms":60}])");
  const absl::Time begin = absl::Now();
  EXPECT_EQ(SendOne().status, 200);
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(60));
  EXPECT_TRUE(LastLine().complete);
  EXPECT_TRUE(Counted());
}

TEST_F(FaultAnswersTest, DelayBeyondThePatienceOfTheClient) {
  SetFaults(R"([{"kind":"delay","ms":600000}])");
  client_->set_timeout_ms(50);
  EXPECT_EQ(SendOne().code, CURLE_OPERATION_TIMEDOUT);
  client_.reset();
  while (Journal("request").empty()) std::this_thread::yield();
  EXPECT_EQ(LastLine().status, 0);
  EXPECT_TRUE(Counted());
}

TEST_F(FaultAnswersTest, ResetBeforeRead) {
  SetFaults(R"([{"kind":"reset_before_read"}])");
  const Reply reply = SendOne();
  EXPECT_THAT(reply.code, testing::AnyOf(CURLE_RECV_ERROR, CURLE_SEND_ERROR));
  EXPECT_TRUE(Journal("request")[0]["body_sha256"].IsNull());
  EXPECT_EQ(LastLine().status, 0);
  EXPECT_FALSE(Counted());
}

TEST_F(FaultAnswersTest, ResetAfterBody) {
  SetFaults(R"([{"kind":"reset_after_body","count":1,"process":false},
                {"kind":"reset_after_body","count":1}])");
  EXPECT_EQ(SendOne().code, CURLE_RECV_ERROR);
  EXPECT_FALSE(Counted());
  EXPECT_EQ(SendOne().code, CURLE_RECV_ERROR);
  EXPECT_TRUE(Counted());
  EXPECT_TRUE(Journal("request")[1]["body_sha256"].IsString());
}

TEST_F(FaultAnswersTest, HalfAnswer) {
  SetFaults(R"([{"kind":"half_answer","count":1},
                {"kind":"half_answer","how":"reset","process":false}])");
  const Reply reply = SendOne();
  EXPECT_EQ(reply.code, CURLE_PARTIAL_FILE);
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, StartsWith(R"({"status":"VALID")"));
  EXPECT_EQ(LastLine().status, 200);
  EXPECT_FALSE(LastLine().complete);
  EXPECT_TRUE(Counted());
  const Reply reset = SendOne();
  EXPECT_EQ(reset.code, CURLE_RECV_ERROR);
  EXPECT_EQ(reset.status, 200);
}

TEST_F(FaultAnswersTest, BadJsonAndEmptyBody) {
  SetFaults(R"([{"kind":"bad_json","count":1},{"kind":"empty_200","count":1}])");
  const Reply bad = SendOne();
  EXPECT_EQ(bad.status, 200);
  rapidjson::Document document;
  EXPECT_TRUE(document.Parse(bad.body.c_str()).HasParseError());
  EXPECT_TRUE(LastLine().complete);
  EXPECT_FALSE(LastLine().valid);
  const Reply empty = SendOne();
  EXPECT_EQ(empty.status, 200);
  EXPECT_EQ(empty.body, "");
}

TEST_F(FaultAnswersTest, WrongLength) {
  SetFaults(R"([{"kind":"wrong_length","count":1},{"kind":"wrong_length","delta":-5,"count":1}])");
  EXPECT_EQ(SendOne().code, CURLE_PARTIAL_FILE);
  const Reply cut = SendOne();
  EXPECT_EQ(cut.code, CURLE_OK);
  EXPECT_THAT(cut.body, testing::EndsWith("successful"));
  EXPECT_FALSE(LastLine().complete);
}

TEST_F(FaultAnswersTest, NeverEnding) {
  SetFaults(R"([{"kind":"never_ending","seconds":0.1,"interval_ms":5}])");
  const Reply reply = SendOne();
  EXPECT_NE(reply.code, CURLE_OK);
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, StartsWith("{ "));
  EXPECT_FALSE(LastLine().complete);
}

TEST_F(FaultAnswersTest, SlowLorisIsCompleteOnlyAtItsEnd) {
  SetFaults(R"([{"kind":"slow_loris","interval_ms":1,"count":1},
                {"kind":"slow_loris","interval_ms":600000}])");
  EXPECT_EQ(SendOne().status, 200);
  EXPECT_TRUE(LastLine().complete);
  EXPECT_TRUE(LastLine().valid);
  client_->set_timeout_ms(50);
  EXPECT_EQ(SendOne().code, CURLE_OPERATION_TIMEDOUT);
  EXPECT_FALSE(LastLine().complete);
}

TEST_F(FaultAnswersTest, OversizedAndGzipBomb) {
  SetFaults(R"([{"kind":"oversized","count":1},{"kind":"gzip_bomb","bytes":5000000,"count":1}])");
  const Reply large = SendOne();
  EXPECT_EQ(large.status, 200);
  EXPECT_EQ(large.body.size(), 10U << 20);
  const Reply bomb = SendOne();
  EXPECT_EQ(bomb.headers.at("content-encoding"), "gzip");
  EXPECT_LT(bomb.body.size(), 100000U);
  EXPECT_FALSE(LastLine().valid);
}

TEST_F(FaultAnswersTest, RedirectLeadsNowhere) {
  SetFaults(R"([{"kind":"redirect","status":307,"count":1},
                {"kind":"redirect","location":"https://elsewhere.invalid/","count":1}])");
  const Reply reply = SendOne();
  EXPECT_EQ(reply.status, 307);
  EXPECT_EQ(reply.headers.at("location"), emulator_->url() + "/redirected");
  EXPECT_EQ(SendOne().headers.at("location"), "https://elsewhere.invalid/");
  EXPECT_FALSE(Counted());
}

TEST_F(FaultAnswersTest, CloseKeepaliveDoesNotAnnounceIt) {
  SetFaults(R"([{"kind":"close_keepalive","count":1}])");
  const Reply reply = SendOne();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.count("connection"), 0U);
  EXPECT_TRUE(LastLine().complete);
  EXPECT_EQ(SendEvents({LiveEvent("e2")}).connects, 1);
}

TEST_F(FaultAnswersTest, CloseKeepaliveOnTheNextRequest) {
  SetFaults(R"([{"kind":"close_keepalive","when":"next_request","count":1}])");
  EXPECT_EQ(SendOne().status, 200);
  // The reset meets the request under way, or curl opens a new connection and repeats it.
  const Reply next = SendEvents({LiveEvent("e2")});
  EXPECT_TRUE(next.code != CURLE_OK || next.connects == 1) << next.code;
}

TEST_F(FaultAnswersTest, RequestsOfARefusedTokenAreNotProcessed) {
  SetFaults(R"([{"kind":"status","status":500,"process":true}])");
  EXPECT_EQ(client_->Post(EventsUrl("px", ""), Batch({LiveEvent("e1")})).status, 500);
  EXPECT_FALSE(Counted());
}

TEST_F(FaultAnswersTest, ClientThatLeavesIsJournaledAsUnanswered) {
  SetFaults(R"([{"kind":"oversized","bytes":100000000}])");
  client_->set_timeout_ms(30);
  EXPECT_NE(SendOne().code, CURLE_OK);
  client_.reset();
  while (Journal("request").empty() || (LastLine().complete && Journal("answer").empty())) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(LastLine().complete);
}

}  // namespace
}  // namespace snapledger::emulator
