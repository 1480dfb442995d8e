// A real drop of coverage fires an alert: a gauge and a log line.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/pool.h"
#include "storage/transaction.h"
#include "tests/e2e/deployment.h"
#include "tests/e2e/http_text.h"

namespace snapledger::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr int kHours = 26;
constexpr int kEventsAnHour = 60;

// Sixty events of which so many have an email; all have an IP address with a user agent.
std::vector<v1::ConversionEvent> AnHour(int hour, int with_email) {
  std::vector<v1::ConversionEvent> events(kEventsAnHour);
  for (int i = 0; i < kEventsAnHour; ++i) {
    v1::ConversionEvent& event = events[i];
    event.set_event_id(absl::StrCat(hour, "-", i));
    event.set_standard_event(v1::STANDARD_EVENT_VIEW_CONTENT);
    event.set_action_source(v1::ACTION_SOURCE_WEB);
    event.set_source("web");
    event.mutable_event_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
    event.set_event_source_url("https://shop.example/");
    v1::UserData& user = *event.mutable_user_data();
    user.set_client_ip_address("203.0.113.7");
    user.set_client_user_agent("Mozilla/5.0");
    if (i < with_email) user.add_email()->set_raw(absl::StrCat(hour, "-", i, "@example.com"));
  }
  return events;
}

TEST(CoverageAlertTest, ARealDropFires) {
  Deployment deployment;
  // Nothing is folded before the events are where they belong.
  Service recorder = deployment.StartService({"--roles", "ingest,query"});
  CreateDestination(recorder, kPixel, v1::DESTINATION_KIND_PIXEL);
  storage::ConnectionPool pool({.connection = {.url = deployment.database_url()}});
  for (int hour = kHours; hour >= 1; --hour) {
    // The last hour and this one lost the email: whichever is over when it is looked at.
    Record(recorder, kPixel, AnHour(hour, hour == 1 ? 5 : 48 + hour % 5));
    ASSERT_TRUE(storage::WithConnection(pool, [&](storage::Connection& connection) {
                  connection.ExecuteScript(absl::StrCat(
                      "update snapledger.lot set received_time = date_trunc('hour', now())"
                      " - interval '",
                      hour,
                      " hours' where received_time > now()"
                      " - interval '5 minutes'"));
                  return true;
                }).ok());
  }
  Record(recorder, kPixel, AnHour(0, 5));

  Service watching = deployment.StartService();
  const auto metrics = [&] { return HttpText(deployment.folder() + "/service2.json", "/metrics"); };
  EXPECT_TRUE(Await(absl::Seconds(60), [&] {
    return metrics().find("snapledger_coverage_fallen{destination=\"" + std::string(kPixel) +
                          "\",identifier=\"email\"} 1") != std::string::npos;
  })) << metrics();
  EXPECT_THAT(metrics(), HasSubstr("identifier=\"IP address and user agent\"} 0"));
  std::ifstream log(deployment.folder() + "/service2.log");
  const std::string lines{std::istreambuf_iterator<char>(log), {}};
  EXPECT_THAT(lines, AllOf(HasSubstr("coverage of an identifier fell against its history"),
                           HasSubstr("\"event_name\":\"VIEW_CONTENT\""),
                           HasSubstr("\"identifier\":\"email\"")));
}

}  // namespace
}  // namespace snapledger::e2e
