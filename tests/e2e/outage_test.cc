// Snap away while events keep coming: none is refused, and once it is back the backlog drains, not
// faster than the destination's rate.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/e2e/bars.h"
#include "tests/e2e/ledger_view.h"

namespace snapledger::e2e {
namespace {

using ::testing::IsEmpty;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr double kRate = 10;
constexpr double kWindowSeconds = 10;
constexpr double kIntake = 300;  // events a second
constexpr int kEventsPerRequest = 50;
// Until the breaker's trial succeeds and the adaptive rate has grown from its least to its most,
// a twentieth a second (storage/pace.h): meanwhile more comes in than leaves.
constexpr absl::Duration kComeBack = absl::Seconds(30);
// Sends are spaced where they are claimed. One more than the rate fits between the two ends of a
// window; and a request may reach Snap later than its claim by what composing and connecting take,
// so that a window of arrivals spans that much more of claims: half a second is a slow machine's.
constexpr double kArrivedMax = kRate * kWindowSeconds + 1 + kRate * 0.5;
// New connections are refused; on those that are open requests hang or are answered 503.
constexpr char kAway[] = R"({"faults":[{"kind":"refuse_connections","probability":0.6},
    {"kind":"hang","endpoint":"events","seconds":20,"process":false,"probability":0.3},
    {"kind":"status","status":503,"process":false,"endpoint":"events"}]})";

// The most requests that arrived within any ten seconds.
int64_t BusiestWindow(const Journal& journal) {
  std::vector<double> times;
  for (const JournalRequest& request : journal.requests) times.push_back(request.time);
  std::sort(times.begin(), times.end());
  int64_t most = 0;
  auto first = times.begin();
  for (auto last = times.begin(); last != times.end(); ++last) {
    while (*last - *first > kWindowSeconds) ++first;
    most = std::max<int64_t>(most, last - first + 1);
  }
  return most;
}

TEST(OutageTest, NothingIsRefusedAndTheBacklogDrainsWithinTheRate) {
  const absl::Duration away = FullSize() ? absl::Minutes(10) : absl::Seconds(10);
  Deployment deployment;
  LedgerView ledger(deployment.database_url());
  Service service = deployment.StartService();
  v1::DestinationSettings settings;
  settings.set_max_requests_per_second(kRate);
  // Little more than what comes in, so that the backlog is sent at the full rate for a while.
  settings.set_max_events_per_request(FullSize() ? 100 : kEventsPerRequest);
  settings.set_max_in_flight_requests(8);
  settings.mutable_request_timeout()->set_seconds(2);
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL, settings);
  SteadyLoad load({.address = service.address,
                   .destination = kPixel,
                   .id_prefix = "steady-",
                   .callers = 3,
                   .events_per_call = 10});
  ASSERT_TRUE(Await(absl::Seconds(30),
                    [&] { return ledger.States()[v1::DELIVERY_STATE_DELIVERED] > 300; }));
  deployment.emulator().SetFaults(kAway);
  absl::Notification().WaitForNotificationWithTimeout(away);
  deployment.emulator().SetFaults(R"({"faults":[]})");
  const absl::Time back = absl::Now();
  int64_t waiting = 0;
  for (const auto& [state, events] : ledger.States()) {
    if (state != v1::DELIVERY_STATE_DELIVERED) waiting += events;
  }
  const absl::Duration drain_max =
      FullSize()
          ? absl::Minutes(15)
          : kComeBack + absl::Seconds((waiting + absl::ToDoubleSeconds(kComeBack) * kIntake) /
                                      (kRate * kEventsPerRequest - kIntake));
  // Intake goes on: the backlog is gone once what waits is what a few seconds bring.
  EXPECT_TRUE(Await(drain_max, [&] {
    int64_t left = 0;
    for (const auto& [state, events] : ledger.States()) {
      if (state != v1::DELIVERY_STATE_DELIVERED) left += events;
    }
    return left < 300;
  }));
  const absl::Duration drained = absl::Now() - back;
  const SteadyLoad::Tally seen = load.Stop();
  const auto stored = static_cast<int64_t>(seen.acknowledged.size());
  const std::map<v1::DeliveryState, int64_t> wanted = {{v1::DELIVERY_STATE_DELIVERED, stored}};
  EXPECT_TRUE(Await(absl::Seconds(60), [&] { return ledger.States() == wanted; }));
  EXPECT_THAT(seen.failed_calls, IsEmpty());
  EXPECT_EQ(seen.other_verdicts, 0);
  const Journal journal = deployment.ReadJournal();
  EXPECT_EQ(NotCountedOnce(journal, seen.acknowledged), 0);
  EXPECT_LE(static_cast<double>(BusiestWindow(journal)), kArrivedMax);
  std::cout << "Snap away for " << away << " under " << seen.calls << " calls with " << stored
            << " events: 0 refused, slowest call " << seen.slowest_call << "; backlog of "
            << waiting << " events gone " << drained << " after Snap is back; at most "
            << BusiestWindow(journal) << " requests in any 10 s at a rate of " << kRate
            << " a second; " << ledger.EverInDoubt() << " were in doubt; peak memory "
            << (MemoryBytes(service, "VmHWM") >> 20) << " MiB\n";
}

}  // namespace
}  // namespace snapledger::e2e
