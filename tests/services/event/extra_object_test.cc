#include "services/event/extra_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::event {
namespace {

using ::testing::ElementsAre;

TEST(ExtraObject, NamesTheOutermostMembers) {
  const auto names = ReadMemberNames(
      R"( {"num_adults": 2, "travel_start":"2026-01-01",)"
      R"( "deep":{"value":[1,-2.5e+3,null,true,{}]}} )");
  ASSERT_TRUE(names.has_value());
  EXPECT_THAT(*names, ElementsAre("num_adults", "travel_start", "deep"));
  EXPECT_TRUE(ReadMemberNames("{}").has_value());
}

TEST(ExtraObject, SeesThroughEscapes) {
  const auto names = ReadMemberNames(R"({"\u0076alue":1,"a\n\"\u00e9\ud83d\ude00":2})");
  ASSERT_TRUE(names.has_value());
  EXPECT_THAT(*names, ElementsAre("value", "a\n\"é😀"));
}

TEST(ExtraObject, RefusesWhatIsNotOneObject) {
  for (const char* json : {"",
                           "null",
                           "[]",
                           "{",
                           "}",
                           "{}x",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{\"a\":01}",
                           "{\"a\":1.}",
                           "{\"a\":.5}",
                           "{\"a\":+1}",
                           "{\"a\":NaN}",
                           "{\"a\":tru}",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\\ud800\"}",
                           "{\"a\":\"\\udc00\"}",
                           "{\"a\":\"\n\"}",
                           "{\"a\":1}{\"b\":2}",
                           "{\"a\":1,\"a\":2}",
                           "{\"a\":1,\"\\u0061\":2}",
                           "{\"a\":\"\xC0\"}"}) {
    EXPECT_FALSE(ReadMemberNames(json).has_value()) << json;
  }
}

TEST(ExtraObject, LimitsDepth) {
  const auto nested = [](int depth) {
    return "{\"a\":" + std::string(static_cast<size_t>(depth), '[') +
           std::string(static_cast<size_t>(depth), ']') + "}";
  };
  EXPECT_TRUE(ReadMemberNames(nested(15)).has_value());
  EXPECT_FALSE(ReadMemberNames(nested(16)).has_value());
  EXPECT_FALSE(ReadMemberNames("{\"a\":" + std::string(100'000, '[')).has_value());
}

}  // namespace
}  // namespace snapledger::event
