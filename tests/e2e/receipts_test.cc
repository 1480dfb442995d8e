// Snap's own counts beside what was delivered, on real parts: the service asks every second.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/e2e/deployment.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr int kEvents = 300;
constexpr absl::Duration kTimeMax = absl::Seconds(60);

v1::DestinationDelivery StatsOf(Service& service) {
  v1::GetDeliveryStatsRequest request;
  request.set_destination(kPixel);
  v1::GetDeliveryStatsResponse response;
  grpc::ClientContext context;
  const grpc::Status status = service.conversions->GetDeliveryStats(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.destinations_size() == 1 ? response.destinations(0) : v1::DestinationDelivery();
}

class ReceiptsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CreateDestination(service_, kPixel, v1::DESTINATION_KIND_PIXEL, {});
    support::RealisticEvents generator(7, "receipt-", absl::Now());
    std::vector<v1::ConversionEvent> events;
    for (int i = 0; i < kEvents; ++i) events.push_back(generator.Web());
    Record(service_, kPixel, events);
    ASSERT_THAT(AwaitDelivered(service_, kPixel, kEvents),
                ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, kEvents)));
  }

  bool AwaitReported(int64_t count) {
    return Await(kTimeMax, [&] {
      const v1::DestinationDelivery stats = StatsOf(service_);
      return stats.receipts_expected_last_hour() == kEvents &&
             stats.receipts_reported_last_hour() == count;
    });
  }

  bool AwaitMetric(const std::string& line) {
    return Await(kTimeMax,
                 [&] { return Metrics(service_).find(line + "\n") != std::string::npos; });
  }

  Deployment deployment_;
  Service service_ = deployment_.StartService({"--receipt-interval", "1s"});
};

constexpr char kDivergence[] =
    "snapledger_receipt_divergence{destination=\"6abc82ca-1111-4222-8333-"
    "abcdefabcdef\"} ";

TEST_F(ReceiptsTest, EqualCountsAreNoAlert) {
  ASSERT_TRUE(AwaitReported(kEvents));
  EXPECT_TRUE(AwaitMetric(std::string(kDivergence) + "0"));
  EXPECT_THAT(Metrics(service_), HasSubstr("snapledger_receipt_ratio{destination=\""
                                           "6abc82ca-1111-4222-8333-abcdefabcdef\"} 1\n"));
}

// Snap says yes to every request and counts a third of the events.
TEST_F(ReceiptsTest, EventsThatSnapDoesNotCountAreAnAlertUntilItDoes) {
  ASSERT_TRUE(AwaitReported(kEvents));
  deployment_.emulator().SetFaults(
      R"({"faults":[{"kind":"status","status":200,"endpoint":"stats","body":
      "{\"status\":\"SUCCESS\",\"reason\":\"\",\"stats\":{\"test\":{\"latest_event_ts\":0,)"
      R"(\"event_count_past_hour\":0},\"live\":{\"latest_event_ts\":1780000000,)"
      R"(\"event_count_past_hour\":100}}}"}]})");
  ASSERT_TRUE(AwaitReported(100));
  EXPECT_TRUE(AwaitMetric(std::string(kDivergence) + "1"));
  deployment_.emulator().SetFaults(R"({"faults":[]})");
  ASSERT_TRUE(AwaitReported(kEvents));
  EXPECT_TRUE(AwaitMetric(std::string(kDivergence) + "0"));
}

// Looks are no attempts, and what they ask of Snap is no event.
TEST_F(ReceiptsTest, AnswersThatSayNothingLeaveItUnknown) {
  ASSERT_TRUE(AwaitReported(kEvents));
  deployment_.emulator().SetFaults(R"({"faults":[{"kind":"bad_json","endpoint":"stats"}]})");
  ASSERT_TRUE(
      Await(kTimeMax, [&] { return StatsOf(service_).receipts_reported_last_hour() == -1; }));
  EXPECT_EQ(StatsOf(service_).receipts_expected_last_hour(), kEvents);
  EXPECT_EQ(deployment_.ReadJournal().events.size(), static_cast<size_t>(kEvents));
}

}  // namespace
}  // namespace snapledger::e2e
