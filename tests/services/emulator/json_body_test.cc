#include "services/emulator/json_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::emulator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::unique_ptr<JsonBody> Parsed(absl::string_view bytes) {
  auto body = JsonBody::Parse(bytes);
  EXPECT_TRUE(body.ok()) << body.status().message();
  return body.ok() ? *std::move(body) : nullptr;
}

std::string ErrorOf(absl::string_view bytes) {
  return std::string(JsonBody::Parse(bytes).status().message());
}

TEST(JsonBody, KnowsTheExactBytesOfEachEvent) {
  const std::string bytes =
      "{ \"x\":[{\"data\":[1]}] ,\"data\" : [ {\"a\" : \"}]\\\"\", \"b\":[{},{}]},\n\t{} , 7, "
      "[1,{}],{\"c\":\"\xc3\xab\"}] , \"y\":{\"data\":[{\"no\":1}]}}";
  const auto body = Parsed(bytes);
  EXPECT_THAT(body->element_bytes(), ElementsAre("{\"a\" : \"}]\\\"\", \"b\":[{},{}]}", "{}", "",
                                                 "[1,{}]", "{\"c\":\"\xc3\xab\"}"));
  ASSERT_NE(body->data(), nullptr);
  EXPECT_EQ(body->data()->Size(), 5U);
}

TEST(JsonBody, FirstOfTwoDataMembersCounts) {
  const auto body = Parsed(R"({"data":[{"a":1}],"data":[{"b":2},{"c":3}]})");
  EXPECT_THAT(body->element_bytes(), ElementsAre(R"({"a":1})"));
  EXPECT_EQ(body->data()->Size(), 1U);
}

TEST(JsonBody, DataThatIsNoArray) {
  const auto body = Parsed(R"({"data":{"a":[{"b":1}]},"z":[{"c":1}]})");
  EXPECT_EQ(body->data(), nullptr);
  EXPECT_TRUE(body->element_bytes().empty());
}

TEST(JsonBody, RefusesWhatIsNotOneJsonValue) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("not JSON"));
  EXPECT_THAT(ErrorOf("{"), HasSubstr("not JSON"));
  EXPECT_THAT(ErrorOf("{} {}"), HasSubstr("not JSON"));
  EXPECT_THAT(ErrorOf("{'a':1}"), HasSubstr("not JSON"));
  EXPECT_THAT(ErrorOf("{\"a\":NaN}"), HasSubstr("not JSON"));
  EXPECT_THAT(ErrorOf("{\"a\":1,}"), HasSubstr("not JSON"));
  EXPECT_THAT(ErrorOf("{\"a\":\"\xff\"}"), HasSubstr("not JSON"));
  EXPECT_THAT(ErrorOf(absl::string_view("{}\0{}", 5)), HasSubstr("not JSON"));
}

TEST(JsonBody, RefusesDeepNesting) {
  EXPECT_TRUE(JsonBody::Parse(std::string(64, '[') + std::string(64, ']')).ok());
  EXPECT_THAT(ErrorOf(std::string(65, '[') + std::string(65, ']')), HasSubstr("deeper than 64"));
  EXPECT_THAT(ErrorOf(std::string(4 << 20, '[')), HasSubstr("deeper than 64"));
  EXPECT_THAT(ErrorOf("{\"data\":" + std::string(64, '[') + std::string(64, ']') + "}"),
              HasSubstr("deeper than 64"));
}

TEST(JsonBody, AppendsTextAsJson) {
  std::string out;
  AppendJsonText("a\"b\\c\n\x01\xc3\xab", &out);
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\u000a\\u0001\xc3\xab\"");
}

}  // namespace
}  // namespace snapledger::emulator
