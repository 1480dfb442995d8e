// SIGTERM under load: the service ends in time, nothing becomes doubtful by it, and nothing that
// was acknowledged is lost. docs/recovery.md has the bounds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <iostream>

#include "absl/time/clock.h"
#include "tests/e2e/bars.h"
#include "tests/e2e/ledger_view.h"
#include "tests/support/realistic_events.h"

namespace snapledger::e2e {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr char kPatientPixel[] = "6abc82ca-2222-4222-8333-abcdefabcdef";
constexpr absl::Duration kDrained = absl::Seconds(15);
// Every answer takes between one and two seconds.
constexpr char kSlowSnap[] = R"({"faults":[{"kind":"delay","ms":1000,"probability":0.4},
    {"kind":"delay","ms":1500,"probability":0.5},{"kind":"delay","ms":2000}]})";

// A caller that records one event by a stream, and then holds it open and says nothing.
class IdleStream {
 public:
  IdleStream(Service& service, const v1::ConversionEvent& event)
      : stream_(service.conversions->StreamEvents(&context_)) {
    v1::StreamEventsRequest request;
    request.mutable_record()->set_destination(kPixel);
    *request.mutable_record()->add_events() = event;
    v1::StreamEventsResponse response;
    EXPECT_TRUE(stream_->Write(request) && stream_->Read(&response));
  }
  IdleStream(const IdleStream&) = delete;
  IdleStream& operator=(const IdleStream&) = delete;
  ~IdleStream() {
    context_.TryCancel();
    stream_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamEventsRequest, v1::StreamEventsResponse>>
      stream_;
};

class DrainTest : public ::testing::Test {
 protected:
  // Starts load, waits until requests are under way, ends the service, and gives the time it took.
  absl::Duration EndUnderLoad(Service& service, int round) {
    SteadyLoad load({.address = service.address,
                     .destination = kPixel,
                     .id_prefix = "round" + std::to_string(round) + "-",
                     .callers = 4,
                     .interval = absl::Milliseconds(40)});
    EXPECT_TRUE(Await(absl::Seconds(30), [&] {
      return load.Seen().acknowledged.size() > 100 && ledger_.OpenAttempts() >= 2;
    }));
    const absl::Time begin = absl::Now();
    service.program->Signal(SIGTERM);
    EXPECT_EQ(service.program->WaitForExit(absl::Seconds(60)), 0);
    const absl::Duration took = absl::Now() - begin;
    SteadyLoad::Tally seen = load.Stop();
    acknowledged_.merge(seen.acknowledged);
    for (const auto& [code, calls] : seen.failed_calls) {
      // gRPC itself cancels, before the service sees it, a call that crosses its farewell on the
      // wire.
      EXPECT_THAT(code, AnyOf(grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::CANCELLED))
          << calls << " calls, try " << round << ": " << seen.last_failure;
      if (code == grpc::StatusCode::CANCELLED) canceled_calls_ += calls;
    }
    calls_ += seen.calls;
    return took;
  }

  Deployment deployment_;
  LedgerView ledger_{deployment_.database_url()};
  support::RealisticEvents single_{99, "single-", absl::Now()};
  std::set<std::string> acknowledged_;
  int64_t calls_ = 0, canceled_calls_ = 0;
};

// Every event arrives at Snap once: none was in doubt, so none was sent again.
TEST_F(DrainTest, UnderLoadItEndsInTimeAndLeavesNoDoubt) {
  const int tries = FullSize() ? 100 : 8;
  deployment_.emulator().SetFaults(kSlowSnap);
  absl::Duration slowest;
  for (int round = 0; round < tries; ++round) {
    Service service = deployment_.StartService();
    if (round == 0) {
      v1::DestinationSettings settings;
      settings.set_max_in_flight_requests(8);
      CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL, settings);
    }
    std::unique_ptr<IdleStream> stream;
    if (round % 4 == 3) stream = std::make_unique<IdleStream>(service, single_.Web());
    const absl::Duration took = EndUnderLoad(service, round);
    EXPECT_LT(took, kDrained) << "try " << round;
    slowest = std::max(slowest, took);
    ASSERT_EQ(ledger_.OpenAttempts(), 0) << "try " << round;
    ASSERT_EQ(ledger_.EverInDoubt(), 0) << "try " << round;
  }
  deployment_.emulator().SetFaults(R"({"faults":[]})");
  Service last = deployment_.StartService();
  std::map<v1::DeliveryState, int64_t> states;
  EXPECT_TRUE(Await(absl::Seconds(60), [&] {
    states = ledger_.States();
    return states.size() == 1 && states.contains(v1::DELIVERY_STATE_DELIVERED);
  })) << ::testing::PrintToString(states);
  const Journal journal = deployment_.ReadJournal();
  EXPECT_EQ(NotCountedOnce(journal, acknowledged_), 0);
  EXPECT_EQ(static_cast<int64_t>(journal.events.size()), states[v1::DELIVERY_STATE_DELIVERED]);
  std::cout << tries << " SIGTERMs under load: ended after " << slowest << " at most, 0 in doubt; "
            << acknowledged_.size() << " events acknowledged and counted once; " << canceled_calls_
            << " of " << calls_ << " calls crossed a farewell\n";
}

// Where Snap hangs, what is under way becomes doubtful with or without SIGTERM, when its time is
// over. By SIGTERM alone only that becomes doubtful whose request_timeout outlasts the process.
TEST_F(DrainTest, WhereSnapHangsItEndsInTimeAndSaysWhatIsInDoubt) {
  Service service = deployment_.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL);
  v1::DestinationSettings patient;
  patient.mutable_request_timeout()->set_seconds(60);
  CreateDestination(service, kPatientPixel, v1::DESTINATION_KIND_PIXEL, patient);
  deployment_.emulator().SetFaults(R"({"faults":[{"kind":"hang","process":false}]})");
  Record(service, kPixel, {single_.Web()});
  Record(service, kPatientPixel, {single_.Web()});
  ASSERT_TRUE(Await(absl::Seconds(10), [&] { return ledger_.OpenAttempts() == 2; }));
  const absl::Time begin = absl::Now();
  service.program->Signal(SIGTERM);
  EXPECT_EQ(service.program->WaitForExit(absl::Seconds(60)), 0);
  const absl::Duration took = absl::Now() - begin;
  EXPECT_LT(took, kDrained);
  EXPECT_EQ(ledger_.OpenAttempts(), 0);
  EXPECT_THAT(ledger_.AttemptErrors(),
              UnorderedElementsAre(Pair("no complete answer within 10s", 1),
                                   Pair("cut: the service stops", 1)));
  EXPECT_THAT(ledger_.States(), ElementsAre(Pair(v1::DELIVERY_STATE_IN_DOUBT, 2)));
  std::cout << "SIGTERM while Snap hangs: ended after " << took << "\n";
  deployment_.emulator().SetFaults(R"({"faults":[]})");
  Service next = deployment_.StartService();
  EXPECT_THAT(AwaitDelivered(next, kPixel, 1), ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 1)));
  EXPECT_THAT(AwaitDelivered(next, kPatientPixel, 1),
              ElementsAre(Pair(v1::DELIVERY_STATE_DELIVERED, 1)));
}

}  // namespace
}  // namespace snapledger::e2e
