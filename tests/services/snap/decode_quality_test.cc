#include "services/snap/decode_quality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::snap {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// The shape peers have published, with members beside that are not known.
constexpr char kAnswer[] = R"({"request_status":"SUCCESS","request_id":"x","event_quality_scores":[
  {"sub_request_status":"SUCCESS","event_quality_score":{"action_source":"WEB","event_source":"API",
   "event_type":"PURCHASE","recommendations":[
    {"title":"Send phones","description":"d","recommendation_code":"PII_COVERAGE_SDK",
     "priority":"P0","score":"GOOD"},
    {"title":"Send clicks","recommendation_code":"OTHER","priority":"P1","score":"BAD"}]}},
  {"sub_request_status":"ERROR","error":"none yet"}]})";

TEST(DecodeQualityTest, ReadsWhatIsPublishedOfTheShape) {
  const auto scores = DecodeQuality(kAnswer);
  ASSERT_TRUE(scores.has_value());
  ASSERT_THAT(*scores, SizeIs(2));
  EXPECT_EQ((*scores)[0].event_name, "PURCHASE");
  EXPECT_EQ((*scores)[0].event_source, "API");
  EXPECT_EQ((*scores)[0].score, "GOOD");
  EXPECT_EQ((*scores)[0].priority, "P0");
  EXPECT_EQ((*scores)[0].recommendation_code, "PII_COVERAGE_SDK");
  EXPECT_EQ((*scores)[0].title, "Send phones");
  EXPECT_EQ((*scores)[1].score, "BAD");
}

TEST(DecodeQualityTest, AnEmptyListIsAnAnswer) {
  const auto scores = DecodeQuality(R"({"request_status":"success","event_quality_scores":[]})");
  ASSERT_TRUE(scores.has_value());
  EXPECT_THAT(*scores, IsEmpty());
}

TEST(DecodeQualityTest, AnotherShapeIsNotGuessedAt) {
  const std::string known = kAnswer;
  const auto changed = [&known](const std::string& from, const std::string& to) {
    std::string text = known;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  for (const std::string& body :
       {std::string(), std::string("[]"), std::string("{"), std::string("<html>"),
        std::string(R"({"request_status":"SUCCESS"})"),
        std::string(R"({"request_status":"ERROR","event_quality_scores":[]})"),
        std::string(R"({"request_status":"SUCCESS","event_quality_scores":[7]})"),
        changed("\"GOOD\"", "\"GREAT\""), changed("\"GOOD\"", "87.5"),
        changed("\"event_type\"", "\"event\""), changed("\"recommendations\"", "\"advice\"")}) {
    EXPECT_FALSE(DecodeQuality(body).has_value()) << body;
  }
}

TEST(DecodeQualityTest, TextsAreMadeFitToKeep) {
  std::string text = kAnswer;
  text.replace(text.find("Send phones"), 11, "Ask someone@example.com");
  const auto scores = DecodeQuality(text);
  ASSERT_TRUE(scores.has_value());
  EXPECT_THAT((*scores)[0].title, Not(HasSubstr("example.com")));
}

}  // namespace
}  // namespace snapledger::snap
