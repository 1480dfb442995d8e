// What becomes of doubt: inside the dedup window it is sent again until an answer says DELIVERED,
// and Snap counts it once; outside it is never sent again and ends EXPIRED_IN_DOUBT.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <iostream>
#include <map>

#include "services/dispatch/deadlines.h"
#include "storage/connection.h"
#include "tests/e2e/bars.h"
#include "tests/e2e/ledger_view.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr absl::Duration kWindow = absl::Hours(48);
constexpr char kNoFaults[] = R"({"faults":[]})";
// Every way in which events are processed and the answer is lost; three of five requests are
// struck.
constexpr char kLostAnswers[] = R"({"faults":[
    {"kind":"reset_after_body","endpoint":"events","process":true,"probability":0.1},
    {"kind":"half_answer","endpoint":"events","process":true,"probability":0.1},
    {"kind":"half_answer","how":"reset","endpoint":"events","process":true,"probability":0.1},
    {"kind":"hang","endpoint":"events","process":true,"seconds":5,"probability":0.1},
    {"kind":"bad_json","endpoint":"events","process":true,"probability":0.1},
    {"kind":"empty_200","endpoint":"events","process":true,"probability":0.1},
    {"kind":"wrong_length","endpoint":"events","process":true,"probability":0.1},
    {"kind":"status","status":503,"endpoint":"events","process":true,"probability":0.1},
    {"kind":"reset_after_body","endpoint":"events","process":false,"probability":0.1}]})";
constexpr char kEveryAnswerLost[] =
    R"({"faults":[{"kind":"reset_after_body","endpoint":"events","process":true}]})";

bool IsPurchaseWithOrder(const v1::ConversionEvent& event) {
  return event.standard_event() == v1::STANDARD_EVENT_PURCHASE &&
         !event.custom_data().order_id().empty();
}

class DoubtTest : public ::testing::Test {
 protected:
  // Requests time out soon. A batch is large: every failed one makes the next ones wait longer.
  static v1::DestinationSettings Settings() {
    v1::DestinationSettings settings;
    settings.set_max_requests_per_second(200);
    settings.set_max_events_per_request(500);
    settings.mutable_request_timeout()->set_seconds(1);
    return settings;
  }

  void Create(const v1::DestinationSettings& settings) {
    CreateDestination(service_, kPixel, v1::DESTINATION_KIND_PIXEL, settings);
  }

  void Update(const v1::DestinationSettings& settings) {
    v1::UpdateDestinationRequest request;
    request.set_destination_id(kPixel);
    *request.mutable_settings() = settings;
    grpc::ClientContext context;
    v1::UpdateDestinationResponse response;
    const grpc::Status status = service_.admin->UpdateDestination(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  // Without purchases by order id, whose window is another one.
  std::vector<v1::ConversionEvent> PlainEvents(int count) {
    std::vector<v1::ConversionEvent> events;
    while (static_cast<int>(events.size()) < count) {
      v1::ConversionEvent event = generator_.Web();
      if (!IsPurchaseWithOrder(event)) events.push_back(std::move(event));
    }
    return events;
  }

  // Records `events` so that Snap takes them and every answer is lost, until all are in doubt and
  // no request is under way. The service is gone afterwards, so that none is sent again.
  void MakeDoubt(const std::vector<v1::ConversionEvent>& events) {
    deployment_.emulator().SetFaults(kEveryAnswerLost);
    Record(service_, kPixel, events);
    EXPECT_TRUE(Await(absl::Seconds(30), [&] {
      return ledger_.EverInDoubt() == static_cast<int64_t>(events.size());
    }));
    service_.program->Signal(SIGTERM);
    EXPECT_EQ(service_.program->WaitForExit(absl::Seconds(30)), 0);
    deployment_.emulator().SetFaults(kNoFaults);
  }

  std::map<v1::DeliveryState, int64_t> AwaitFinal(absl::Duration time_max = absl::Seconds(60)) {
    std::map<v1::DeliveryState, int64_t> states;
    Await(time_max, [&] {
      states = ledger_.States();
      return !states.contains(v1::DELIVERY_STATE_PENDING) &&
             !states.contains(v1::DELIVERY_STATE_IN_FLIGHT) &&
             !states.contains(v1::DELIVERY_STATE_IN_DOUBT);
    });
    return states;
  }

  // How often each event arrived.
  std::map<std::string, int> Arrivals() const {
    std::map<std::string, int> arrivals;
    for (const JournalEvent& event : deployment_.ReadJournal().events) ++arrivals[event.event_id];
    return arrivals;
  }

  int64_t ArrivalsInAll() const {
    return static_cast<int64_t>(deployment_.ReadJournal().events.size());
  }

  Deployment deployment_;
  LedgerView ledger_{deployment_.database_url()};
  Service service_ = deployment_.StartService();
  support::RealisticEvents generator_{5, "doubt-", absl::Now()};
};

TEST_F(DoubtTest, InsideTheWindowAllIsDeliveredAndCountedOnce) {
  const int64_t events_min = FullSize() ? 50'000 : 2'000;
  v1::DestinationSettings settings = Settings();
  settings.set_max_in_flight_requests(16);
  settings.set_max_events_per_request(FullSize() ? 1'000 : 100);
  Create(settings);
  deployment_.emulator().SetFaults(kLostAnswers);
  SteadyLoad load({.address = service_.address,
                   .destination = kPixel,
                   .id_prefix = "load-",
                   .callers = 2,
                   .events_per_call = 50});
  ASSERT_TRUE(Await(absl::Minutes(10), [&] {
    return static_cast<int64_t>(load.Seen().acknowledged.size()) >= events_min &&
           ledger_.EverInDoubt() > events_min / 4;
  }));
  const std::set<std::string> acknowledged = load.Stop().acknowledged;
  deployment_.emulator().SetFaults(kNoFaults);
  const auto stored = static_cast<int64_t>(acknowledged.size());
  EXPECT_THAT(AwaitFinal(absl::Minutes(5)),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, stored)));
  EXPECT_EQ(NotCountedOnce(deployment_.ReadJournal(), acknowledged), 0);
  std::cout << "inside the window: " << stored << " events, of which " << ledger_.EverInDoubt()
            << " were in doubt, arrived " << ArrivalsInAll()
            << " times; all DELIVERED and counted once\n";
}

// Killed between the answer and its recording, which waits for a lock that this test holds.
TEST_F(DoubtTest, AnOwnerKilledBetweenAnswerAndOutcomeLeavesDoubtThatIsResolved) {
  Create(Settings());
  storage::Connection connection({.url = deployment_.database_url()});
  deployment_.emulator().SetFaults(R"({"faults":[{"kind":"delay","ms":900}]})");
  Record(service_, kPixel, PlainEvents(20));
  ASSERT_TRUE(Await(absl::Seconds(20), [&] { return ledger_.OpenAttempts() > 0; }));
  connection.ExecuteScript("begin; lock table attempt in share mode");
  ASSERT_TRUE(Await(absl::Seconds(20), [&] {
    const Journal journal = deployment_.ReadJournal();
    return !journal.requests.empty() && journal.requests.back().valid;
  }));
  EXPECT_GT(ledger_.OpenAttempts(), 0);
  service_.program->Kill();
  connection.ExecuteScript("rollback");
  deployment_.emulator().SetFaults(kNoFaults);
  service_ = deployment_.StartService();
  EXPECT_THAT(AwaitFinal(), ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 20)));
  EXPECT_GT(ledger_.EverInDoubt(), 0);
  std::map<std::string, int> counted;
  for (const JournalEvent& event : deployment_.ReadJournal().events) {
    counted[event.event_id] += event.counted ? 1 : 0;
  }
  EXPECT_EQ(counted.size(), 20U);
  for (const auto& [event_id, times] : counted) EXPECT_EQ(times, 1) << event_id;
}

// The margin before a window's end is an hour: a shorter window leaves no time to send again.
TEST_F(DoubtTest, AWindowShorterThanItsMarginMeansNeverAgain) {
  v1::DestinationSettings settings = Settings();
  settings.mutable_dedup_window()->set_seconds(60);
  Create(settings);
  deployment_.emulator().SetFaults(kEveryAnswerLost);
  std::vector<v1::ConversionEvent> events;
  int64_t purchases = 0;
  const int count = FullSize() ? 2'000 : 400;
  for (int i = 0; i < count; ++i) {
    events.push_back(generator_.Web());
    purchases += IsPurchaseWithOrder(events.back()) ? 1 : 0;
  }
  Record(service_, kPixel, events);
  // Those whose window of 30 days is open are tried again and again.
  ASSERT_TRUE(Await(absl::Seconds(60), [&] {
    return ledger_.States()[v1::DELIVERY_STATE_EXPIRED_IN_DOUBT] == count - purchases;
  }));
  deployment_.emulator().SetFaults(kNoFaults);
  EXPECT_THAT(AwaitFinal(),
              UnorderedElementsAre(Pair(v1::DELIVERY_STATE_EXPIRED_IN_DOUBT, count - purchases),
                                   Pair(v1::DELIVERY_STATE_DELIVERED, purchases)));
  const std::map<std::string, int> arrivals = Arrivals();
  int64_t sent_again = 0;
  for (const v1::ConversionEvent& event : events) {
    if (!IsPurchaseWithOrder(event) && arrivals.at(event.event_id()) != 1) ++sent_again;
  }
  EXPECT_EQ(sent_again, 0);
  std::cout << "outside the window: " << count - purchases << " of " << count - purchases
            << " ended EXPIRED_IN_DOUBT, " << sent_again << " sent again; " << purchases
            << " purchases inside their longer window delivered\n";
}

TEST_F(DoubtTest, ADoubtThatOutlivesItsWindowIsNotSentAgain) {
  Create(Settings());
  const int count = FullSize() ? 2'000 : 200;
  MakeDoubt(PlainEvents(count));
  const int64_t before = ArrivalsInAll();
  ledger_.AgeDoubt(kWindow - dispatch::kWindowMargin);
  service_ = deployment_.StartService();
  EXPECT_THAT(AwaitFinal(), ElementsAre(Pair(v1::DELIVERY_STATE_EXPIRED_IN_DOUBT, count)));
  EXPECT_EQ(ArrivalsInAll(), before);
  std::cout << "window closed while in doubt: " << count << " of " << count
            << " ended EXPIRED_IN_DOUBT, " << ArrivalsInAll() - before << " sent again\n";
}

TEST_F(DoubtTest, ADoubtJustInsideItsWindowIsSentAgain) {
  Create(Settings());
  MakeDoubt(PlainEvents(60));
  ledger_.AgeDoubt(kWindow - dispatch::kWindowMargin - absl::Minutes(5));
  service_ = deployment_.StartService();
  EXPECT_THAT(AwaitFinal(), ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 60)));
}

TEST_F(DoubtTest, AWindowMadeShorterHoldsForWhatIsInDoubt) {
  Create(Settings());
  MakeDoubt(PlainEvents(60));
  const int64_t before = ArrivalsInAll();
  v1::DestinationSettings shorter = Settings();
  shorter.mutable_dedup_window()->set_seconds(60);
  service_ = deployment_.StartService({"--roles", "query"});
  Update(shorter);
  service_.program->Kill();
  service_ = deployment_.StartService();
  EXPECT_THAT(AwaitFinal(), ElementsAre(Pair(v1::DELIVERY_STATE_EXPIRED_IN_DOUBT, 60)));
  EXPECT_EQ(ArrivalsInAll(), before);
}

}  // namespace
}  // namespace snapledger::e2e
