#include "services/cli/event_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/status_matchers.h"

namespace snapledger::cli {
namespace {

using support::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ParseEventTest, ReadsProto3Json) {
  v1::ConversionEvent event;
  ASSERT_OK(ParseEvent(R"({"eventId":"a","standard_event":"STANDARD_EVENT_PURCHASE",
                           "eventTime":"2026-11-23T10:00:00Z",
                           "userData":{"email":[{"raw":"x@y.example"}]}})",
                       &event));
  EXPECT_EQ(event.event_id(), "a");
  EXPECT_EQ(event.standard_event(), v1::STANDARD_EVENT_PURCHASE);
  EXPECT_EQ(event.user_data().email(0).raw(), "x@y.example");
}

TEST(ParseEventTest, UnknownFieldIsNamed) {
  v1::ConversionEvent event;
  EXPECT_THAT(ParseEvent(R"({"evntId":"a"})", &event),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("evntId")));
}

TEST(ParseEventTest, ErrorsNeverRepeatValues) {
  for (const char* const json :
       {R"({"eventId":"a","standardEvent":"canary@value"})",
        R"({"eventId":"a","eventTime":"canary"})", R"({"userData":"canary"})",
        R"({"userData":{"email":["canary"]}})", R"({"customData":{"numItems":"canary"}})",
        R"({"eventId":"canary)", R"(canary)", R"({"eventId": canary})",
        R"({"eventId":"a","consent":"canary"})",
        R"({"userData":{"email":[{"raw":["canary"]}]}})"}) {
    v1::ConversionEvent event;
    EXPECT_THAT(ParseEvent(json, &event),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("not a ConversionEvent"), Not(HasSubstr("canary")))))
        << json;
  }
}

TEST(EventLineReaderTest, NumbersLinesAndSkipsEmptyOnes) {
  std::istringstream input("{\"eventId\":\"a\"}\n\n  \nnonsense\n{\"eventId\":\"b\"}");
  EventLineReader reader(input);
  const std::vector<EventLine> lines = reader.Next(10, 1000);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].number, 1);
  EXPECT_FALSE(lines[1].status.ok());
  EXPECT_EQ(lines[1].number, 4);
  EXPECT_EQ(lines[2].number, 5);
  EXPECT_EQ(lines[2].event.event_id(), "b");
  EXPECT_TRUE(reader.Next(10, 1000).empty());
}

TEST(EventLineReaderTest, AByteOrderMarkIsSkippedAtTheStartOnly) {
  std::istringstream input("\xEF\xBB\xBF{\"eventId\":\"a\"}\n\xEF\xBB\xBF{\"eventId\":\"b\"}");
  EventLineReader reader(input);
  const std::vector<EventLine> lines = reader.Next(10, 1000);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_OK(lines[0].status);
  EXPECT_EQ(lines[0].event.event_id(), "a");
  EXPECT_FALSE(lines[1].status.ok());
}

TEST(EventLineReaderTest, BatchesAreBoundedByCountAndBytes) {
  const std::string line = R"({"eventId":"a"})";
  std::istringstream input(line + "\n" + line + "\n" + line + "\n" + line + "\n");
  EventLineReader reader(input);
  EXPECT_EQ(reader.Next(1, 1000).size(), 1U);
  EXPECT_EQ(reader.Next(10, line.size() + 1).size(), 2U);
  EXPECT_EQ(reader.bytes_read(), static_cast<int64_t>(3 * (line.size() + 1)));
  EXPECT_EQ(reader.Next(10, 1000).size(), 1U);
}

TEST(EventLinesTest, AnUnknownMemberIsNamedOnlyWhereItIsAPlainName) {
  v1::ConversionEvent event;
  const absl::Status planted = ParseEvent("{\"planted.key@mail.example\":1}", &event);
  EXPECT_FALSE(planted.ok());
  EXPECT_EQ(planted.message().find("planted"), std::string::npos) << planted;
  EXPECT_NE(ParseEvent("{\"evntId\":1}", &event).message().find("evntId"), std::string::npos);
}

TEST(EventLinesTest, ALineThatWouldTakeTheCallDownFailsAlone) {
  v1::ConversionEvent event;
  EXPECT_FALSE(ParseEvent(std::string(600 << 10, ' ') + "{}", &event).ok());
  std::string nested = "1";
  for (int i = 0; i < 60; ++i) nested = "{\"a\":" + nested + "}";
  EXPECT_FALSE(ParseEvent("{\"customData\":{\"extra\":{\"a\":" + nested + "}}}", &event).ok());
  EXPECT_TRUE(ParseEvent("{\"eventId\":\"e-1\"}", &event).ok());
}

}  // namespace
}  // namespace snapledger::cli
