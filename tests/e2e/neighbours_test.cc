// A destination whose connections hang or fail and one that answers slowly leave a healthy one as
// fast as it is alone.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <vector>

#include "absl/synchronization/notification.h"
#include "tests/e2e/bars.h"
#include "tests/e2e/ledger_view.h"

namespace snapledger::e2e {
namespace {

constexpr char kHealthy[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr char kDead[] = "6abc82ca-2222-4222-8333-abcdefabcdef";
constexpr char kSlow[] = "6abc82ca-3333-4222-8333-abcdefabcdef";
constexpr double kFactorMax = 1.5;
// The dead one hangs, or answers 503; the slow one takes two to five seconds.
constexpr char kFaults[] = R"({"faults":[
    {"kind":"hang","seconds":30,"process":false,"probability":0.7,
     "asset":"6abc82ca-2222-4222-8333-abcdefabcdef"},
    {"kind":"status","status":503,"asset":"6abc82ca-2222-4222-8333-abcdefabcdef"},
    {"kind":"delay","ms":2000,"probability":0.4,"asset":"6abc82ca-3333-4222-8333-abcdefabcdef"},
    {"kind":"delay","ms":3500,"probability":0.5,"asset":"6abc82ca-3333-4222-8333-abcdefabcdef"},
    {"kind":"delay","ms":5000,"asset":"6abc82ca-3333-4222-8333-abcdefabcdef"}]})";

class NeighboursTest : public ::testing::Test {
 protected:
  void Pause(const std::string& destination) {
    v1::PauseDestinationRequest request;
    request.set_destination_id(destination);
    grpc::ClientContext context;
    v1::PauseDestinationResponse response;
    ASSERT_TRUE(service_.admin->PauseDestination(&context, request, &response).ok());
  }

  void Resume(const std::string& destination) {
    v1::ResumeDestinationRequest request;
    request.set_destination_id(destination);
    grpc::ClientContext context;
    v1::ResumeDestinationResponse response;
    ASSERT_TRUE(service_.admin->ResumeDestination(&context, request, &response).ok());
  }

  std::unique_ptr<SteadyLoad> Load(const std::string& destination, int round) {
    return std::make_unique<SteadyLoad>(
        SteadyLoad::Options{.address = service_.address,
                            .destination = destination,
                            .id_prefix = destination + "-" + std::to_string(round) + "-",
                            .callers = 2,
                            .events_per_call = 5,
                            .interval = absl::Milliseconds(50)});
  }

  // Runs the healthy one for a while and adds the latencies of what it delivered, in milliseconds.
  void RunHealthy(int round, absl::Duration time, std::vector<double>* latencies) {
    const absl::Time begin = absl::Now();
    const auto load = Load(kHealthy, round);
    absl::Notification().WaitForNotificationWithTimeout(time);
    delivered_ += static_cast<int64_t>(load->Stop().acknowledged.size());
    AwaitDelivered(service_, kHealthy, delivered_);
    const std::vector<double> seen = ledger_.DeliveryMilliseconds(kHealthy, begin);
    latencies->insert(latencies->end(), seen.begin(), seen.end());
  }

  Deployment deployment_;
  LedgerView ledger_{deployment_.database_url()};
  Service service_ = deployment_.StartService();
  int64_t delivered_ = 0;
};

double Percentile95(std::vector<double> values) {
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 95 / 100);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

// Rounds alone and with neighbours take turns, so that what else the machine does meets both. All
// destinations have the default limits.
TEST_F(NeighboursTest, AHealthyDestinationIsAsFastAsAlone) {
  const int rounds = FullSize() ? 20 : 3;
  const absl::Duration round_time = absl::Seconds(FullSize() ? 15 : 5);
  deployment_.emulator().SetFaults(kFaults);
  for (const char* const destination : {kHealthy, kDead, kSlow}) {
    CreateDestination(service_, destination, v1::DESTINATION_KIND_PIXEL);
  }
  std::vector<double> alone, beside;
  for (int round = 0; round < rounds; ++round) {
    Pause(kDead);
    Pause(kSlow);
    // What is under way to the paused ones ends first.
    ASSERT_TRUE(Await(absl::Seconds(30), [&] { return ledger_.OpenAttempts() == 0; }));
    RunHealthy(2 * round, round_time, &alone);
    Resume(kDead);
    Resume(kSlow);
    const auto dead = Load(kDead, round);
    const auto slow = Load(kSlow, round);
    ASSERT_TRUE(Await(absl::Seconds(30), [&] { return ledger_.OpenAttempts() > 1; }));
    RunHealthy(2 * round + 1, round_time, &beside);
  }
  const double p95_alone = Percentile95(alone), p95_beside = Percentile95(beside);
  std::cout << "a healthy destination's p95 from intake to delivered: alone " << p95_alone
            << " ms (" << alone.size() << " events), beside a dead and a slow one " << p95_beside
            << " ms (" << beside.size() << " events): factor " << p95_beside / p95_alone << "\n";
  EXPECT_GT(alone.size(), 1000U);
  EXPECT_GT(beside.size(), 1000U);
  EXPECT_LE(p95_beside, kFactorMax * p95_alone);
}

}  // namespace
}  // namespace snapledger::e2e
