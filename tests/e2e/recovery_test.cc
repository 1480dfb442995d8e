// How long it takes until work goes on: after the service was killed, after PostgreSQL was killed
// or stopped at once, and until a dead owner's leases are reaped. docs/recovery.md has the bounds.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <iostream>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "storage/child_process.h"
#include "storage/embedded_cluster.h"
#include "storage/migrator.h"
#include "tests/e2e/bars.h"
#include "tests/e2e/ledger_view.h"
#include "tests/support/realistic_events.h"
#include "tests/support/status_matchers.h"

namespace snapledger::e2e {
namespace {

constexpr char kPixel[] = "6abc82ca-1111-4222-8333-abcdefabcdef";
constexpr absl::Duration kServingAfterKill = absl::Seconds(2);
constexpr absl::Duration kServingAfterDatabase = absl::Seconds(5);
constexpr absl::Duration kReapedAfterLease = absl::Seconds(5);
// Every answer takes so long, so that a kill finds requests under way.
constexpr char kSlowAnswers[] = R"({"faults":[{"kind":"delay","ms":300}]})";

v1::DestinationSettings Settings() {
  v1::DestinationSettings settings;
  settings.set_max_requests_per_second(50);
  settings.mutable_request_timeout()->set_seconds(1);
  return settings;
}

SteadyLoad::Options Load(const Service& service, std::string id_prefix) {
  return {.address = service.address,
          .destination = kPixel,
          .id_prefix = std::move(id_prefix),
          .callers = 4};
}

// Lets the load go on for a while: what is killed then is killed at a moment like any other.
void LetRun(absl::Duration time) { absl::Notification().WaitForNotificationWithTimeout(time); }

// From its start until the service says that it serves, and has taken an event in.
absl::Duration AwaitServing(Service& service, absl::Time start, support::RealisticEvents& events) {
  EXPECT_TRUE(Await(absl::Seconds(60), [&] {
    return RecordsOne(service.address, kPixel, events.Web()) && IsServing(service.address);
  }));
  return absl::Now() - start;
}

void ExpectAllDeliveredOnce(Deployment& deployment, LedgerView& ledger,
                            const std::set<std::string>& acknowledged) {
  std::map<v1::DeliveryState, int64_t> states;
  EXPECT_TRUE(Await(absl::Seconds(120), [&] {
    states = ledger.States();
    return states.size() == 1 && states.contains(v1::DELIVERY_STATE_DELIVERED);
  })) << ::testing::PrintToString(states);
  EXPECT_EQ(NotCountedOnce(deployment.ReadJournal(), acknowledged), 0);
}

// Of two services on one database one is killed again and again under load, with requests under
// way. It serves again at once, and the other one reaps what it left.
TEST(RecoveryTest, AKilledServiceServesAgainAndItsLeasesAreReaped) {
  const int kills = FullSize() ? 30 : 4;
  Deployment deployment;
  LedgerView ledger(deployment.database_url());
  Service survivor = deployment.StartService();
  const absl::Time survivor_serves = absl::Now();
  CreateDestination(survivor, kPixel, v1::DESTINATION_KIND_PIXEL, Settings());
  deployment.emulator().SetFaults(kSlowAnswers);
  support::RealisticEvents single(99, "single-", absl::Now());
  std::set<std::string> acknowledged;
  absl::Duration slowest;
  Service victim = deployment.StartService();
  for (int kill = 0; kill < kills; ++kill) {
    SteadyLoad load(Load(victim, "kill" + std::to_string(kill) + "-"));
    ASSERT_TRUE(Await(absl::Seconds(20), [&] { return load.Seen().acknowledged.size() > 200; }));
    LetRun(absl::Milliseconds(37 * (kill % 8)));
    victim.program->Kill();
    acknowledged.merge(load.Stop().acknowledged);
    const absl::Time start = absl::Now();
    victim = deployment.StartService();
    slowest = std::max(slowest, AwaitServing(victim, start, single));
  }
  ExpectAllDeliveredOnce(deployment, ledger, acknowledged);
  const LedgerView::Reaping reaping = ledger.ReapedSince(survivor_serves);
  std::cout << kills << " kills of the service: serving again after " << slowest << " at most; "
            << reaping.attempts << " attempts reaped, " << reaping.latest
            << " after their lease's end at most; " << acknowledged.size()
            << " events acknowledged and counted once\n";
  EXPECT_LT(slowest, kServingAfterKill);
  EXPECT_GT(reaping.attempts, 0);
  EXPECT_LT(reaping.latest, kReapedAfterLease);
}

// Ends the server that the last service on an embedded database left, if one did.
class EmbeddedFolder {
 public:
  EmbeddedFolder() = default;
  EmbeddedFolder(const EmbeddedFolder&) = delete;
  EmbeddedFolder& operator=(const EmbeddedFolder&) = delete;
  ~EmbeddedFolder() { storage::EmbeddedCluster::Start(path(), {}).IgnoreError(); }
  std::string path() const { return folder_.path() + "/postgres"; }

 private:
  const support::TemporaryFolder folder_;
};

// The same with the embedded database, which the killed service leaves running and the next one
// takes over. There is one process: nobody reaps before it is back.
TEST(RecoveryTest, AKilledServiceWithAnEmbeddedDatabaseServesAgain) {
  const int kills = FullSize() ? 30 : 3;
  const EmbeddedFolder embedded;
  Deployment deployment({}, "embedded:" + embedded.path());
  support::RealisticEvents single(99, "single-", absl::Now());
  std::set<std::string> acknowledged;
  absl::Duration slowest;
  Service service = deployment.StartService();
  CreateDestination(service, kPixel, v1::DESTINATION_KIND_PIXEL, Settings());
  for (int kill = 0; kill < kills; ++kill) {
    SteadyLoad load(Load(service, "kill" + std::to_string(kill) + "-"));
    ASSERT_TRUE(Await(absl::Seconds(20), [&] { return load.Seen().acknowledged.size() > 200; }));
    LetRun(absl::Milliseconds(37 * (kill % 8)));
    service.program->Kill();
    acknowledged.merge(load.Stop().acknowledged);
    const absl::Time start = absl::Now();
    service = deployment.StartService();
    slowest = std::max(slowest, AwaitServing(service, start, single));
  }
  EXPECT_TRUE(Await(absl::Seconds(120), [&] {
    const auto counts = StateCounts(service, kPixel);
    return counts.size() == 1 && counts.contains(v1::DELIVERY_STATE_DELIVERED);
  }));
  EXPECT_EQ(NotCountedOnce(deployment.ReadJournal(), acknowledged), 0);
  std::cout << kills << " kills with an embedded database: serving again after " << slowest
            << " at most; " << acknowledged.size() << " events acknowledged and counted once\n";
  EXPECT_LT(slowest, kServingAfterKill);
  service.program->Signal(SIGTERM);
  EXPECT_EQ(service.program->WaitForExit(absl::Seconds(30)), 0);
}

// What PostgreSQL is given, and for how long it is then away.
struct Outage {
  const char* what;
  int signal;
  absl::Duration away;
};

class DatabaseOutageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(cluster_,
                         storage::EmbeddedCluster::Start(folder_.path() + "/postgres",
                                                         {.shared_buffers_megabytes = 64}));
    ASSERT_OK(storage::Migrator(cluster_->url()).Migrate().status());
    deployment_ = std::make_unique<Deployment>(std::vector<std::string>{}, cluster_->url());
    service_ = deployment_->StartService();
    CreateDestination(service_, kPixel, v1::DESTINATION_KIND_PIXEL, Settings());
  }

  // The service is never restarted. From PostgreSQL being back until the service says it serves,
  // takes events in, tells of them and delivers.
  absl::Duration Recover(const Outage& outage) {
    const absl::StatusOr<storage::ProcessHandle> server =
        storage::ProcessHandle::Open(cluster_->server_pid());
    EXPECT_OK(server.status());
    server->Signal(outage.signal);
    EXPECT_TRUE(server->WaitForEnd(absl::Seconds(30)));
    LetRun(outage.away);
    EXPECT_OK(cluster_->EnsureRunning());
    const absl::Time back = absl::Now();
    AwaitServing(service_, back, single_);
    EXPECT_TRUE(Await(absl::Seconds(60), [&] {
      v1::GetDeliveryStatsResponse response;
      grpc::ClientContext context;
      return service_.conversions->GetDeliveryStats(&context, {}, &response).ok();
    }));
    EXPECT_TRUE(Await(absl::Seconds(60), [&] {
      const Journal journal = deployment_->ReadJournal();
      return !journal.requests.empty() &&
             journal.requests.back().time > absl::ToDoubleSeconds(back - absl::UnixEpoch());
    }));
    return absl::Now() - back;
  }

  support::TemporaryFolder folder_;
  std::unique_ptr<storage::EmbeddedCluster> cluster_;
  std::unique_ptr<Deployment> deployment_;
  Service service_;
  support::RealisticEvents single_{99, "single-", absl::Now()};
};

TEST_F(DatabaseOutageTest, TheServiceServesAgainOncePostgresIsBack) {
  std::vector<Outage> outages = {
      {"stopped at once", SIGQUIT, absl::ZeroDuration()},
      {"postmaster killed", SIGKILL, absl::Milliseconds(500)},
      {"away for longer than health is patient", SIGQUIT, absl::Seconds(8)}};
  if (FullSize()) {
    for (int i = 0; i < 9; ++i) outages.push_back(outages[static_cast<size_t>(i % 3)]);
    outages.push_back({"away for a minute", SIGKILL, absl::Minutes(1)});
  }
  SteadyLoad load(Load(service_, "load-"));
  ASSERT_TRUE(Await(absl::Seconds(20), [&] { return load.Seen().acknowledged.size() > 200; }));
  for (const Outage& outage : outages) {
    const absl::Duration recovered = Recover(outage);
    std::cout << "PostgreSQL " << outage.what << ": the service serves and delivers " << recovered
              << " after it is back\n";
    EXPECT_LT(recovered, kServingAfterDatabase) << outage.what;
  }
  const SteadyLoad::Tally seen = load.Stop();
  std::cout << seen.calls << " calls, " << seen.acknowledged.size() << " events acknowledged\n";
  for (const auto& [code, calls] : seen.failed_calls) {
    EXPECT_EQ(code, grpc::StatusCode::UNAVAILABLE) << calls << " calls";
  }
  LedgerView ledger(cluster_->url());
  ExpectAllDeliveredOnce(*deployment_, ledger, seen.acknowledged);
}

}  // namespace
}  // namespace snapledger::e2e
