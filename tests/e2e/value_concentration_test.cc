// One e-mail address that many events share is seen in the call and in the report.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/pool.h"
#include "storage/transaction.h"
#include "tests/e2e/deployment.h"

namespace snapledger::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr int kEvents = 500;

// Purchases, three of ten with the shop's own address; every tenth has a phone.
std::vector<v1::ConversionEvent> Purchases() {
  std::vector<v1::ConversionEvent> events(kEvents);
  for (int i = 0; i < kEvents; ++i) {
    v1::ConversionEvent& event = events[static_cast<size_t>(i)];
    event.set_event_id(absl::StrCat("value-", i));
    event.set_standard_event(v1::STANDARD_EVENT_PURCHASE);
    event.set_action_source(v1::ACTION_SOURCE_WEB);
    event.mutable_event_time()->set_seconds(absl::ToUnixSeconds(absl::Now()));
    event.set_event_source_url("https://shop.example/");
    event.mutable_custom_data()->set_value("10");
    event.mutable_custom_data()->set_currency("EUR");
    event.mutable_custom_data()->set_order_id(absl::StrCat("order-", i));
    v1::UserData& user = *event.mutable_user_data();
    user.add_email()->set_raw(i % 10 < 3 ? std::string("orders@shop.example")
                                         : absl::StrCat("buyer", i, "@example.com"));
    if (i % 10 == 0) user.add_phone()->set_raw(absl::StrCat("+3933355", 10'000 + i));
  }
  return events;
}

v1::GetMatchRatesResponse Rates(Service& service) {
  v1::GetMatchRatesRequest request;
  request.set_destination(kPixel);
  request.set_value_concentrations(true);
  grpc::ClientContext context;
  v1::GetMatchRatesResponse response;
  const grpc::Status status = service.conversions->GetMatchRates(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

TEST(ValueConcentrationTest, ASharedAddressIsSeen) {
  Deployment deployment;
  Service recorder = deployment.StartService({"--roles", "ingest,query"});
  CreateDestination(recorder, kPixel, v1::DESTINATION_KIND_PIXEL);
  Record(recorder, kPixel, Purchases());
  EXPECT_EQ(Rates(recorder).value_concentrations_size(), 0);
  // Time goes by: counting waits until no transaction can still be under way.
  storage::ConnectionPool pool({.connection = {.url = deployment.database_url()}});
  ASSERT_TRUE(storage::WithConnection(pool, [](storage::Connection& connection) {
                connection.ExecuteScript(
                    "update snapledger.lot set received_time = received_time"
                    " - interval '10 minutes'");
                return true;
              }).ok());
  Service counting = deployment.StartService();
  v1::GetMatchRatesResponse rates;
  ASSERT_TRUE(Await(absl::Seconds(60), [&] {
    rates = Rates(counting);
    return rates.value_concentrations_size() > 0;
  }));

  ASSERT_EQ(rates.value_concentrations_size(), 2);
  const v1::ValueConcentration& email = rates.value_concentrations(0);
  EXPECT_EQ(email.kind(), v1::IDENTIFIER_KIND_EMAIL);
  EXPECT_EQ(email.events(), kEvents);
  EXPECT_LE(email.top_share_lower(), 0.3);
  EXPECT_GE(email.top_share_upper(), 0.3);
  EXPECT_GT(email.top_share_lower(), 0.29);
  // 150 events with one address, 350 with one each.
  const double effective = 500.0 * 500 / (150.0 * 150 + 350);
  EXPECT_NEAR(email.effective_values() / effective, 1, 4 * email.effective_values_error());
  EXPECT_NEAR(static_cast<double>(email.orders_of_one_value()), 150,
              4 * 150 * email.orders_of_one_value_error());
  const v1::ValueConcentration& phone = rates.value_concentrations(1);
  EXPECT_EQ(phone.kind(), v1::IDENTIFIER_KIND_PHONE);
  EXPECT_TRUE(phone.exact());
  EXPECT_EQ(phone.events(), kEvents / 10);
  EXPECT_DOUBLE_EQ(phone.effective_values(), kEvents / 10);
  EXPECT_EQ(phone.orders_of_one_value(), 1);

  const std::string page = deployment.folder() + "/rates.html";
  const support::ProgramResult report =
      support::RunProgram({ProgramPath("snapledger"), "report", "match-rate", "--destination",
                           kPixel, "--server", counting.address, "--insecure", "--html", page},
                          absl::Seconds(60));
  EXPECT_EQ(report.exit_code, 0);
  EXPECT_THAT(report.output,
              AllOf(HasSubstr("how concentrated values are"), HasSubstr("MOST FREQUENT VALUE"),
                    HasSubstr("30.0 %"), HasSubstr("tells nobody from others")));
}

}  // namespace
}  // namespace snapledger::e2e
