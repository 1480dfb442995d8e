#include "services/emulator/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "tests/services/emulator/harness.h"

namespace snapledger::emulator {
namespace {

using ::testing::HasSubstr;

class AdminTest : public EmulatorTest {
 protected:
  AdminTest() { Start(); }
  Reply Post(const std::string& path, const std::string& body) {
    return admin_.Post(emulator_->admin_url() + path, body);
  }
  Reply Get(const std::string& path) { return admin_.Get(emulator_->admin_url() + path); }

  Client admin_;
};

TEST_F(AdminTest, Health) {
  const Reply reply = Get("/health");
  EXPECT_EQ(reply.status, 200);
  const rapidjson::Document body = ParseBody(reply.body);
  EXPECT_STREQ(body["status"].GetString(), "ok");
  EXPECT_EQ(body["pid"].GetInt(), getpid());
  EXPECT_EQ(body["requests"].GetInt(), 0);
}

TEST_F(AdminTest, FaultsAreAnsweredAndReplaced) {
  const Reply reply = Post("/faults", R"({"faults":[{"kind":"status","status":503,"count":2}]})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr(R"("kind":"status","matched":0,"struck":0,"left":2)"));
  EXPECT_EQ(SendEvents({LiveEvent("e1")}).status, 503);
  EXPECT_THAT(Get("/faults").body, HasSubstr(R"("struck":1,"left":1)"));
  EXPECT_EQ(Post("/faults", "[]").body, "{\"faults\":[]}\n");
  EXPECT_EQ(SendEvents({LiveEvent("e1")}).status, 200);
}

TEST_F(AdminTest, BadFaultsLeaveTheListAlone) {
  Post("/faults", R"([{"kind":"status","status":503}])");
  const Reply reply = Post("/faults", R"([{"kind":"status","status":"x"}])");
  EXPECT_EQ(reply.status, 400);
  EXPECT_STREQ(ParseBody(reply.body)["error"].GetString(),
               "fault 1: status must be a whole number from 100 to 999");
  EXPECT_EQ(SendEvents({LiveEvent("e1")}).status, 503);
}

TEST_F(AdminTest, PixelPairs) {
  SendEvents({LiveEvent("e1"), LiveEvent("e2", {{"/custom_data/order_id", "\"o2\""}})});
  const Reply reply = Post("/pixel-events",
                           R"([{"asset":"px","event_name":"PURCHASE","client_dedup_id":"e1"},
           {"asset":"px","event_name":"PURCHASE","client_dedup_id":"other","transaction_id":"o2"},
           {"asset":"px","event_name":"SAVE","client_dedup_id":"e1"},
           {"asset":"px2","event_name":"PURCHASE","client_dedup_id":"e1"}])");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"events\":4,\"counted\":2}\n");
  const rapidjson::Document body = ParseBody(Get("/conversions").body);
  EXPECT_EQ(body["total_counted"].GetInt(), 4);
  const auto& purchase = body["assets"][0]["events"][0];
  EXPECT_STREQ(purchase["event_name"].GetString(), "PURCHASE");
  EXPECT_EQ(purchase["counted"].GetInt(), 2);
  EXPECT_EQ(purchase["both"].GetInt(), 2);
  EXPECT_EQ(body["assets"][0]["events"][1]["pixel_only"].GetInt(), 1);
}

TEST_F(AdminTest, DetailListsEachConversion) {
  SendEvents({LiveEvent("e1"), LiveEvent("e2")});
  EXPECT_FALSE(ParseBody(Get("/conversions").body).HasMember("conversions"));
  const rapidjson::Document body = ParseBody(Get("/conversions?detail=1").body);
  ASSERT_EQ(body["conversions"].Size(), 2U);
  EXPECT_STREQ(body["conversions"][0]["event_id"].GetString(), "e1");
  EXPECT_STREQ(body["conversions"][0]["order_id"].GetString(), "order e1");
  EXPECT_EQ(body["conversions"][0]["arrivals"].GetInt(), 1);
}

TEST_F(AdminTest, BadPixelEventsAndPaths) {
  EXPECT_EQ(Post("/pixel-events", "x").status, 400);
  EXPECT_EQ(Get("/nowhere").status, 404);
  EXPECT_EQ(Post("/health", "").status, 404);
}

TEST_F(AdminTest, PixelEventsShowInQuality) {
  Post("/pixel-events", R"({"asset":"px","event_name":"SAVE","client_dedup_id":"e1"})");
  const Reply reply = client_->Get(emulator_->url() + "/v1/pixels/px/event_quality_scores",
                                   {"Authorization: Bearer t"});
  EXPECT_THAT(reply.body, HasSubstr(R"("event_source":"SDK","event_type":"SAVE")"));
}

}  // namespace
}  // namespace snapledger::emulator
