#include "services/emulator/conversions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/emulator/event_check.h"
#include "tests/services/emulator/edited_event.h"

namespace snapledger::emulator {
namespace {

using ::testing::HasSubstr;

Arrival Server(absl::string_view name, absl::string_view event_id, absl::string_view order_id = "",
               absl::Duration later = absl::ZeroDuration()) {
  Arrival arrival;
  arrival.asset = "px";
  arrival.event_name = name;
  arrival.event_id = event_id;
  arrival.order_id = order_id;
  arrival.time = SampleTime() + later;
  arrival.signals = kEmail;
  return arrival;
}

Arrival Pixel(absl::string_view name, absl::string_view dedup_id,
              absl::string_view transaction = "", absl::Duration later = absl::ZeroDuration()) {
  Arrival arrival = Server(name, dedup_id, transaction, later);
  arrival.pixel = true;
  return arrival;
}

class ConversionsTest : public testing::Test {
 protected:
  bool Add(const Arrival& arrival) { return conversions_.Add(arrival); }

  Rules rules_;
  Conversions conversions_{rules_};
};

TEST_F(ConversionsTest, SameIdWithin48HoursCountsOnce) {
  EXPECT_TRUE(Add(Server("VIEW_CONTENT", "e1")));
  EXPECT_FALSE(Add(Server("VIEW_CONTENT", "e1", "", absl::Hours(48))));
  EXPECT_TRUE(Add(Server("VIEW_CONTENT", "e1", "", absl::Hours(48) + absl::Seconds(1))));
}

TEST_F(ConversionsTest, TheWindowRunsFromTheFirstReport) {
  EXPECT_TRUE(Add(Server("SAVE", "e1")));
  EXPECT_FALSE(Add(Server("SAVE", "e1", "", absl::Hours(40))));
  EXPECT_TRUE(Add(Server("SAVE", "e1", "", absl::Hours(80))));
}

TEST_F(ConversionsTest, AssetAndNameArePartOfTheKey) {
  EXPECT_TRUE(Add(Server("PURCHASE", "e1")));
  EXPECT_TRUE(Add(Server("ADD_CART", "e1")));
  Arrival other = Server("PURCHASE", "e1");
  other.asset = "px2";
  EXPECT_TRUE(Add(other));
}

TEST_F(ConversionsTest, WithoutAnIdNothingJoins) {
  EXPECT_TRUE(Add(Server("SAVE", "")));
  EXPECT_TRUE(Add(Server("SAVE", "")));
}

TEST_F(ConversionsTest, PixelPairJoinsByDedupId) {
  EXPECT_TRUE(Add(Pixel("SIGN_UP", "e1")));
  EXPECT_FALSE(Add(Server("SIGN_UP", "e1", "", absl::Hours(1))));
  EXPECT_THAT(conversions_.Report(false),
              HasSubstr(R"("counted":1,"server_only":0,"pixel_only":0,"both":1,)"
                        R"("arrivals_server":1,"arrivals_pixel":1)"));
}

TEST_F(ConversionsTest, PurchasesJoinByOrderFor30Days) {
  EXPECT_TRUE(Add(Pixel("PURCHASE", "pixel-id", "order-1")));
  EXPECT_FALSE(Add(Server("PURCHASE", "server-id", "order-1", absl::Hours(24 * 30))));
  EXPECT_TRUE(Add(Server("PURCHASE", "late-id", "order-1", absl::Hours(24 * 30 + 1))));
}

TEST_F(ConversionsTest, OnlyPurchasesJoinByOrder) {
  EXPECT_TRUE(Add(Pixel("ADD_CART", "pixel-id", "order-1")));
  EXPECT_TRUE(Add(Server("ADD_CART", "server-id", "order-1")));
}

TEST_F(ConversionsTest, GapsAreFilledSoThatEitherIdJoins) {
  EXPECT_TRUE(Add(Pixel("PURCHASE", "", "order-1")));
  EXPECT_FALSE(Add(Server("PURCHASE", "e1", "order-1")));
  EXPECT_FALSE(Add(Server("PURCHASE", "e1")));
  EXPECT_THAT(conversions_.Report(true), HasSubstr(R"("event_id":"e1","order_id":"order-1")"));
}

TEST_F(ConversionsTest, FirstStaysUnlessTheStrongestIsKept) {
  Arrival weak = Pixel("SAVE", "e1");
  weak.signals = 0;
  Add(weak);
  Add(Server("SAVE", "e1"));
  EXPECT_THAT(conversions_.Report(true), HasSubstr(R"("kept":"pixel","signals":1)"));

  rules_.dedup_keeps_strongest = true;
  Conversions strongest(rules_);
  strongest.Add(weak);
  strongest.Add(Server("SAVE", "e1"));
  EXPECT_THAT(strongest.Report(true), HasSubstr(R"("kept":"server","signals":1)"));
}

TEST_F(ConversionsTest, DedupCanBeOff) {
  rules_.dedup_off = true;
  EXPECT_TRUE(Add(Server("SAVE", "e1")));
  EXPECT_TRUE(Add(Server("SAVE", "e1")));
}

TEST_F(ConversionsTest, ReportIsByAssetAndName) {
  Add(Server("SAVE", "e1"));
  Add(Server("ADD_CART", "e1"));
  Arrival other = Server("SAVE", "e1");
  other.asset = "app";
  Add(other);
  EXPECT_EQ(conversions_.Report(false),
            R"({"assets":[{"asset":"app","events":[{"event_name":"SAVE","counted":1,)"
            R"("server_only":1,"pixel_only":0,"both":0,"arrivals_server":1,"arrivals_pixel":0}]},)"
            R"({"asset":"px","events":[{"event_name":"ADD_CART","counted":1,"server_only":1,)"
            R"("pixel_only":0,"both":0,"arrivals_server":1,"arrivals_pixel":0},)"
            R"({"event_name":"SAVE","counted":1,"server_only":1,"pixel_only":0,"both":0,)"
            R"("arrivals_server":1,"arrivals_pixel":0}]}],"total_counted":3})");
}

TEST_F(ConversionsTest, NothingYet) {
  EXPECT_EQ(conversions_.Report(false), R"({"assets":[],"total_counted":0})");
}

}  // namespace
}  // namespace snapledger::emulator
