#include "services/bench/report.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

namespace snapledger::bench {
namespace {

rapidjson::Document Parsed(const Report& report) {
  const Options options = {.name = "end-to-end", .events = 1000, .concurrency = 16};
  rapidjson::Document document;
  document.Parse(ToJson(options, report).c_str());
  return document;
}

TEST(ToJsonTest, AddsTheCostsUp) {
  Report report;
  report.seconds = 2;
  report.service_us = 10;
  report.postgres_us = 5;
  report.client_us = 3;
  report.sink_us = 1.5;
  const rapidjson::Document json = Parsed(report);
  ASSERT_FALSE(json.HasParseError());
  EXPECT_EQ(json["events_per_second"].GetDouble(), 500);
  EXPECT_EQ(json["cpu_us_per_event_total"].GetDouble(), 19.5);
  EXPECT_FALSE(json.HasMember("noop_p50_ms"));
}

TEST(ToJsonTest, DoesNotInventTheCostOfADistantServer) {
  const rapidjson::Document json = Parsed({.seconds = 2, .service_us = 10});
  ASSERT_FALSE(json.HasParseError());
  EXPECT_TRUE(json["cpu_us_per_event_postgres"].IsNull());
  EXPECT_FALSE(json.HasMember("cpu_us_per_event_total"));
  EXPECT_FALSE(json.HasMember("cpu_us_per_event_sink"));
}

}  // namespace
}  // namespace snapledger::bench
