#include "services/snap/decode_stats.h"

#include <gtest/gtest.h>

#include <string>

#include "services/base/text.h"

namespace snapledger::snap {
namespace {

std::string Answer(std::string_view live) {
  return base::Concat(R"({"status":"SUCCESS","reason":"","stats":{"test":{"latest_event_ts":1,)",
                      R"("event_count_past_hour":5},"live":)", live, "}}");
}

TEST(DecodeLiveStatsTest, ReadsThePublishedShape) {
  const auto stats =
      DecodeLiveStats(Answer(R"({"latest_event_ts":1780000000,"event_count_past_hour":42})"));
  ASSERT_TRUE(stats.has_value());
  EXPECT_EQ(stats->events_past_hour, 42);
  EXPECT_EQ(stats->latest_event_time, absl::FromUnixSeconds(1'780'000'000));
}

TEST(DecodeLiveStatsTest, ReadsTextsAndMillisecondsToo) {
  const auto stats =
      DecodeLiveStats(Answer(R"({"latest_event_ts":"1780000000123","event_count_past_hour":"7"})"));
  ASSERT_TRUE(stats.has_value());
  EXPECT_EQ(stats->events_past_hour, 7);
  EXPECT_EQ(stats->latest_event_time, absl::FromUnixMillis(1'780'000'000'123));
}

TEST(DecodeLiveStatsTest, ATimeThatIsNoneIsLeftOut) {
  for (const char* const time :
       {"0", "-1", "null", "\"today\"", "1e9", "{}", "9223372036854775807"}) {
    const auto stats = DecodeLiveStats(
        Answer(base::Concat(R"({"latest_event_ts":)", time, R"(,"event_count_past_hour":7})")));
    ASSERT_TRUE(stats.has_value()) << time;
    EXPECT_EQ(stats->events_past_hour, 7);
    EXPECT_EQ(stats->latest_event_time, std::nullopt) << time;
  }
}

TEST(DecodeLiveStatsTest, ACountThatIsNoneIsNeverANumber) {
  for (const char* const count :
       {"-1", "1.5", "1e3", "null", "true", "\"\"", "\"-1\"", "\" 7\"", "\"7.0\"", "\"0x7\"", "[]",
        "{}", "9223372036854775808", "1000000000001", "\"99999999999999999999\""}) {
    EXPECT_FALSE(DecodeLiveStats(Answer(base::Concat(R"({"event_count_past_hour":)", count, "}")))
                     .has_value())
        << count;
  }
}

TEST(DecodeLiveStatsTest, AnythingElseIsNotUnderstood) {
  const std::string good = R"({"event_count_past_hour":7})";
  for (const std::string& body :
       {std::string(), std::string("<html>"), std::string("[]"), std::string("7"),
        std::string("{}"), std::string(R"({"stats":null})"), std::string(R"({"stats":{"live":7}})"),
        std::string(R"({"stats":{"test":{"event_count_past_hour":7}}})"), Answer("{}"),
        Answer(good).substr(0, 60), R"({"status":"FAILURE","stats":{"live":)" + good + "}}",
        R"({"status":1,"stats":{"live":)" + good + "}}", std::string(100'000, '[')}) {
    EXPECT_FALSE(DecodeLiveStats(body).has_value()) << body.substr(0, 80);
  }
}

TEST(DecodeLiveStatsTest, AStatusMayBeMissing) {
  const auto stats = DecodeLiveStats(R"({"stats":{"live":{"event_count_past_hour":0}}})");
  ASSERT_TRUE(stats.has_value());
  EXPECT_EQ(stats->events_past_hour, 0);
}

}  // namespace

}  // namespace snapledger::snap
