#include "services/cli/event_fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace snapledger::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(EventFaultTest, ASlipOfTheNameIsNamedWithItsPathAndWhatWasMeant) {
  EXPECT_EQ(EventFault(R"({"evntId":"a"})"), "evntId is not known; nearest known: eventId");
  EXPECT_EQ(EventFault(R"({"userData":{"emial":[]}})"),
            "userData.emial is not known; nearest known: email");
  EXPECT_EQ(EventFault(R"({"customData":{"contents":[{"id":"a"},{"brnad":"b"}]}})"),
            "customData.contents[1].brnad is not known; nearest known: brand");
}

// What a member is called may be somebody's number or address.
TEST(EventFaultTest, AnyOtherNameIsNotRepeated) {
  EXPECT_EQ(EventFault(R"({"41446681800":1})"),
            "an unknown member; docs/api.md lists those of ConversionEvent");
  EXPECT_EQ(EventFault(R"({"userData":{"a@b.example":1}})"),
            "an unknown member of userData; docs/api.md lists those of UserData");
  EXPECT_EQ(EventFault(R"({"customData":{"contents":[{"12":1}]}})"),
            "an unknown member of customData.contents[0]; docs/api.md lists those of Content");
  EXPECT_THAT(EventFault("{\"userData\":{\"e\x1b[mail\":1}}"), Not(HasSubstr("\x1b")));
}

TEST(EventFaultTest, TwoOfWhatExcludesTheOther) {
  EXPECT_EQ(EventFault(R"({"standardEvent":"STANDARD_EVENT_SAVE","customEvent":"x"})"),
            "only one of standardEvent and customEvent may be set; leave the other out");
  EXPECT_EQ(EventFault(R"({"userData":{"email":[{"raw":"a","sha256":"b"}]}})"),
            "userData.email[0]: only one of raw and sha256 may be set; leave the other out");
  EXPECT_EQ(EventFault(R"({"standardEvent":"STANDARD_EVENT_SAVE","customEvent":null})"), "");
}

TEST(EventFaultTest, AValueOfAnotherFormIsToldTheRightOne) {
  EXPECT_EQ(EventFault(R"({"customData":{"value":12.5}})"),
            R"(customData.value must be text in quotes, such as "12.50")");
  EXPECT_EQ(EventFault(R"({"eventId":17})"), "eventId must be text in quotes");
  EXPECT_EQ(EventFault(R"({"customData":{"numItems":1.5}})"),
            "customData.numItems must be a whole number");
  EXPECT_EQ(EventFault(R"({"customData":{"contentIds":"a"}})"),
            "customData.contentIds must be a list in [ ]");
  EXPECT_EQ(EventFault(R"({"userData":"a"})"), "userData must be an object in { }");
  EXPECT_EQ(EventFault(R"({"userData":{"email":["a"]}})"),
            "userData.email[0] must be an object in { }");
  EXPECT_EQ(EventFault(R"({"customData":{"extra":[]}})"),
            "customData.extra must be an object in { }");
  EXPECT_EQ(EventFault(R"({"customData":{"customFields":{"size":4}}})"),
            "customData.customFields has a member that is not text; put the values in quotes");
}

TEST(EventFaultTest, ATimeIsToldByAnExample) {
  for (const char* const json :
       {R"({"eventTime":1764000000})", R"({"eventTime":"2026-11-23 10:00"})"}) {
    EXPECT_EQ(EventFault(json),
              R"(eventTime must be a time in RFC 3339, such as "2026-11-23T10:00:00Z")");
  }
}

TEST(EventFaultTest, AWordIsToldTheAcceptedOnes) {
  EXPECT_EQ(EventFault(R"({"actionSource":"WEB"})"),
            "actionSource must be one of ACTION_SOURCE_WEB, ACTION_SOURCE_MOBILE_APP, "
            "ACTION_SOURCE_OFFLINE");
  EXPECT_THAT(EventFault(R"({"standardEvent":"purchase"})"),
              AllOf(StartsWith("standardEvent must be one of STANDARD_EVENT_PURCHASE, "),
                    Not(HasSubstr("UNSPECIFIED"))));
}

TEST(EventFaultTest, AnEventIsOneLineAndOneObject) {
  EXPECT_EQ(EventFault(R"( [{"eventId":"a"}])"), "one event a line, not an array of events");
  EXPECT_EQ(EventFault("[\r"), "one event a line, not an array of events");
  EXPECT_EQ(EventFault("{"), "the line ends before the event does; write it on one line");
  EXPECT_EQ(EventFault(R"({"eventId":"a"} {"eventId":"b"})"),
            "something follows the event; write one event a line");
  EXPECT_EQ(EventFault("7"), "an event must be an object in { }");
}

TEST(EventFaultTest, BrokenJsonIsToldWhere) {
  EXPECT_THAT(EventFault(R"({"eventId":canary})"),
              AllOf(StartsWith("not JSON at byte 12: "), Not(HasSubstr("canary"))));
  EXPECT_THAT(EventFault("{\"eventId\":\"\xff\"}"), StartsWith("not JSON at byte "));
}

TEST(EventFaultTest, NestingEndsNoStack) {
  const std::string deep = R"({"customData":{"extra":{"a":)" + std::string(200'000, '[') +
                           std::string(200'000, ']') + "}}}";
  EXPECT_EQ(EventFault(deep), "");
}

}  // namespace
}  // namespace snapledger::cli
