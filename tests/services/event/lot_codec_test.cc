#include "services/event/lot_codec.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace snapledger::event {
namespace {

FrameHeader ExampleHeader() {
  FrameHeader header;
  header.event_time_seconds = 1'764'000'000;
  header.name_label = 7;
  header.source_label = -2;
  header.action_source = ActionSource::kOffline;
  header.supplied = 0x7FFF;
  header.usable = 0x0005;
  header.purchase_with_order_id = true;
  return header;
}

void ExpectSame(const FrameHeader& a, const FrameHeader& b) {
  EXPECT_EQ(a.event_time_seconds, b.event_time_seconds);
  EXPECT_EQ(a.name_label, b.name_label);
  EXPECT_EQ(a.source_label, b.source_label);
  EXPECT_EQ(a.action_source, b.action_source);
  EXPECT_EQ(a.supplied, b.supplied);
  EXPECT_EQ(a.usable, b.usable);
  EXPECT_EQ(a.purchase_with_order_id, b.purchase_with_order_id);
}

TEST(LotCodec, ReadsWhatItWrote) {
  std::string lot;
  AppendFrame(ExampleHeader(), "{\"a\":1}", &lot);
  AppendEmptyFrame(&lot);
  AppendFrame(FrameHeader(), "{}", &lot);
  const auto frames = ParseLot(lot);
  ASSERT_TRUE(frames.ok());
  ASSERT_EQ(frames->size(), 3U);
  ExpectSame((*frames)[0].header, ExampleHeader());
  EXPECT_EQ((*frames)[0].json, "{\"a\":1}");
  EXPECT_TRUE((*frames)[1].empty());
  ExpectSame((*frames)[2].header, FrameHeader());
  EXPECT_EQ((*frames)[2].json, "{}");
}

TEST(LotCodec, HasAFixedForm) {
  FrameHeader header;
  header.event_time_seconds = 0x0102030405060708;
  header.name_label = 0x11121314;
  header.source_label = 0x21222324;
  header.action_source = ActionSource::kMobileApp;
  header.supplied = 0x3132;
  header.usable = 0x3132;
  std::string lot;
  AppendFrame(header, "{}", &lot);
  EXPECT_EQ(lot, std::string("\x02\x00\x00\x00"
                             "\x08\x07\x06\x05\x04\x03\x02\x01"
                             "\x14\x13\x12\x11"
                             "\x24\x23\x22\x21"
                             "\x02"
                             "\x32\x31"
                             "\x32\x31"
                             "\x00"
                             "{}",
                             28));
}

TEST(LotCodec, AnEmptyLotHasNoFrames) {
  const auto frames = ParseLot("");
  ASSERT_TRUE(frames.ok());
  EXPECT_TRUE(frames->empty());
}

TEST(LotCodec, RefusesWhatWasCutOff) {
  std::string lot;
  AppendFrame(ExampleHeader(), "{\"a\":1}", &lot);
  for (size_t size = 1; size < lot.size(); ++size) {
    EXPECT_EQ(ParseLot(lot.substr(0, size)).status().code(), absl::StatusCode::kDataLoss) << size;
  }
}

TEST(LotCodec, RefusesUnknownActionSourceAndFlags) {
  std::string lot;
  AppendFrame(ExampleHeader(), "{}", &lot);
  std::string wrong_source = lot;
  wrong_source[20] = 9;
  EXPECT_FALSE(ParseLot(wrong_source).ok());
  std::string wrong_flags = lot;
  wrong_flags[25] = 2;
  EXPECT_FALSE(ParseLot(wrong_flags).ok());
}

TEST(LotCodec, NeverReadsBeyondArbitraryBytes) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    const auto frames = ParseLot(bytes);
    size_t json_bytes = 0;
    if (frames.ok()) {
      for (const Frame& frame : *frames) json_bytes += frame.json.size();
    }
    RC_ASSERT(json_bytes <= bytes.size());
  }));
}

}  // namespace
}  // namespace snapledger::event
