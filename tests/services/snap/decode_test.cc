#include "services/snap/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/snap/client.h"

namespace snapledger::snap {
namespace {

using Status = SnapAnswer::Status;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(DecodeAnswerTest, ReadsTheStatusInAnyCase) {
  EXPECT_EQ(DecodeAnswer(R"({"status":"VALID"})").status, Status::kValid);
  EXPECT_EQ(DecodeAnswer(R"({"status":"valid"})").status, Status::kValid);
  EXPECT_EQ(DecodeAnswer(R"({"status":"Success"})").status, Status::kValid);
  EXPECT_EQ(DecodeAnswer(R"({"status":"Invalid"})").status, Status::kInvalid);
  EXPECT_EQ(DecodeAnswer(R"({"status":"FAILED"})").status, Status::kInvalid);
  EXPECT_EQ(DecodeAnswer("\xEF\xBB\xBF{\"status\":\"VALID\"}").status, Status::kValid);
  EXPECT_EQ(DecodeAnswer(R"({"new":{"a":[1]},"status":"VALID"})").status, Status::kValid);
}

TEST(DecodeAnswerTest, KeepsAnyOtherStatusAsItsWord) {
  for (const char* body : {R"({"status":"OK"})", R"({"status":7})", R"({"status":null})", "{}",
                           R"({"status":["VALID"]})", R"({"status":" VALID"})"}) {
    EXPECT_EQ(DecodeAnswer(body).status, Status::kOther) << body;
  }
  EXPECT_EQ(DecodeAnswer(R"({"status":"OK"})").status_text, "OK");
  EXPECT_THAT(DecodeAnswer(R"({"status":")" + std::string(100, '.') + "\"}").status_text,
              SizeIs(64));
}

TEST(DecodeAnswerTest, WhatIsNoObjectIsUnreadable) {
  for (const char* body : {"", "null", "[]", "\"VALID\"", "1", "<html>502 Bad Gateway</html>",
                           R"({"status":"VALID")", R"({"status":"VALID"} x)", "{\"a\":\"\\ud800\"}",
                           R"([{"status":"VALID"}])", "{\"status\":\"VA"}) {
    EXPECT_EQ(DecodeAnswer(body).status, Status::kUnreadable) << body;
  }
  EXPECT_EQ(DecodeAnswer("Invalid access token").reason, "Invalid access token");
}

TEST(DecodeAnswerTest, PutsReasonsMessagesAndCodesInOneLine) {
  const SnapAnswer answer = DecodeAnswer(
      R"({"status":"INVALID","reason":"one","event":3,
          "errors":{"codes":["507",517],"error_msgs":["two","one","three\nlines"]}})");
  EXPECT_EQ(answer.reason, "one; two; three lines; code 507, 517");
  EXPECT_EQ(answer.event_index, 3);
  EXPECT_EQ(DecodeAnswer(R"({"error_msgs":["Param data['event_time'] is invalid."]})").reason,
            "Param data['event_time'] is invalid.");
  EXPECT_EQ(DecodeAnswer(R"({"error_records":[{"reason":"x","record_indexes":[0]}]})").reason, "x");
  EXPECT_EQ(DecodeAnswer(R"({"error":{"message":"Service Unavailable"}})").reason,
            "Service Unavailable");
  EXPECT_EQ(DecodeAnswer(R"({"errors":["a","b"]})").reason, "a; b");
}

TEST(DecodeAnswerTest, ReadsTheIndexesOfRecords) {
  EXPECT_THAT(DecodeAnswer(R"({"status":"FAILED","error_records":[
                  {"reason":"x","record_indexes":[7,-1,"2",1.5]},7,{"record_indexes":0},
                  {"record_indexes":[0]}]})")
                  .record_indexes,
              ElementsAre(7, -1, 0));
  EXPECT_THAT(DecodeAnswer(R"({"error_records":{"record_indexes":[1]}})").record_indexes,
              IsEmpty());
  std::string many = R"({"error_records":[{"record_indexes":[0)";
  for (int i = 1; i < 3000; ++i) many += "," + std::to_string(i);
  EXPECT_THAT(DecodeAnswer(many + "]}]}").record_indexes, SizeIs(2000));
}

TEST(DecodeAnswerTest, CutsTheReasonBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "\u00e4 ";
  const SnapAnswer answer = DecodeAnswer(R"({"reason":")" + text + "\"}");
  EXPECT_LE(answer.reason.size(), 512);
  EXPECT_EQ(answer.reason.size() % 3, 2);
}

TEST(DecodeAnswerTest, IgnoresAnIndexThatIsNone) {
  EXPECT_EQ(DecodeAnswer(R"({"event":"1"})").event_index, std::nullopt);
  EXPECT_EQ(DecodeAnswer(R"({"event":1.5})").event_index, std::nullopt);
  EXPECT_EQ(DecodeAnswer(R"({"event":99999999999})").event_index, std::nullopt);
  EXPECT_EQ(DecodeAnswer(R"({"event":-1})").event_index, -1);
}

TEST(DecodeAnswerTest, StandsDeepNestingAndGreatSize) {
  EXPECT_EQ(DecodeAnswer(std::string(1 << 20, '[')).status, Status::kUnreadable);
  const std::string deep =
      R"({"status":"VALID","a":)" + std::string(400'000, '[') + std::string(400'000, ']') + "}";
  EXPECT_EQ(DecodeAnswer(deep).status, Status::kValid);
  EXPECT_EQ(
      DecodeAnswer(R"({"status":"VALID","a":")" + std::string(kReplyBytesMax, 'a') + "\"}").status,
      Status::kUnreadable);
}

TEST(DecodeEventVerdictsTest, ReadsEachEventsLog) {
  const std::vector<EventVerdict> verdicts = DecodeEventVerdicts(
      R"({"status":"INVALID","test_event":true,"reason":"At least one of the events is invalid.",
          "event_logs":[{"event":1,"status":"INVALID","errors":{"codes":["517"],
          "error_msgs":["bad"]}},7,{"event":2,"status":"VALID","warnings":[]},{}]})");
  ASSERT_THAT(verdicts, SizeIs(3));
  EXPECT_EQ(verdicts[0].event_index, 1);
  EXPECT_EQ(verdicts[0].status, Status::kInvalid);
  EXPECT_EQ(verdicts[0].reason, "bad; code 517");
  EXPECT_EQ(verdicts[1].status, Status::kValid);
  EXPECT_EQ(verdicts[2].event_index, std::nullopt);
  EXPECT_EQ(verdicts[2].status, Status::kOther);
}

TEST(DecodeEventVerdictsTest, IsEmptyWhereThereAreNone) {
  for (const char* body : {"", "[]", "{}", R"({"event_logs":7})", R"({"event_logs":[]})"}) {
    EXPECT_THAT(DecodeEventVerdicts(body), IsEmpty()) << body;
  }
}

}  // namespace
}  // namespace snapledger::snap
