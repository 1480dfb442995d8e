#include "services/emulator/pixel_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace snapledger::emulator {
namespace {

using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'764'000'000);

std::string ErrorOf(const std::string& text) {
  return std::string(ParsePixelEvents(text, kNow).status().message());
}

TEST(PixelEvents, OneObject) {
  const auto events = ParsePixelEvents(
      R"({"asset":"px","event_name":"purchase","client_dedup_id":"e1","transaction_id":"o1",
          "time":1763999000.5})",
      kNow);
  ASSERT_TRUE(events.ok()) << events.status().message();
  ASSERT_EQ(events->size(), 1U);
  const PixelEvent& event = (*events)[0];
  EXPECT_EQ(event.asset, "px");
  EXPECT_EQ(event.event_name, "PURCHASE");
  EXPECT_EQ(event.client_dedup_id, "e1");
  EXPECT_EQ(event.transaction_id, "o1");
  EXPECT_EQ(event.time, absl::FromUnixMillis(1'763'999'000'500));
}

TEST(PixelEvents, ListsAndLines) {
  EXPECT_EQ(
      ParsePixelEvents(R"([{"asset":"a","event_name":"x"},{"asset":"b","event_name":"y"}])", kNow)
          ->size(),
      2U);
  const auto lines = ParsePixelEvents(
      "{\"asset\":\"a\",\"event_name\":\"x\"}\n\n{\"asset\":\"b\",\"event_name\":\"y\"}\n", kNow);
  ASSERT_TRUE(lines.ok()) << lines.status().message();
  ASSERT_EQ(lines->size(), 2U);
  EXPECT_EQ((*lines)[1].asset, "b");
  EXPECT_EQ((*lines)[1].time, kNow);
}

TEST(PixelEvents, SaysWhatIsWrong) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("no pixel event"));
  EXPECT_THAT(ErrorOf("x"), HasSubstr("pixel event 1: not JSON"));
  EXPECT_THAT(ErrorOf("7"), HasSubstr("must be an object"));
  EXPECT_THAT(ErrorOf(R"({"asset":"a"})"), HasSubstr("asset and event_name are needed"));
  EXPECT_THAT(ErrorOf(R"([{"asset":"a","event_name":"x"},{"asset":7}])"),
              HasSubstr("pixel event 2: asset must be a string"));
  EXPECT_THAT(ErrorOf(R"({"asset":"a","event_name":"x","time":"now"})"), HasSubstr("epoch"));
  EXPECT_THAT(ErrorOf(R"({"asset":"a","event_name":"x","event_id":"e"})"),
              HasSubstr("no member 'event_id'"));
}

}  // namespace
}  // namespace snapledger::emulator
