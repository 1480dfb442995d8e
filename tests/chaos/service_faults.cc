// Faults of a service's process.

#include <signal.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "services/base/text.h"
#include "tests/chaos/fault.h"
#include "tests/faulty/kill_switch.h"

namespace snapledger::chaos {
namespace {

// A service starts only while its database answers, which another fault may keep it from.
constexpr absl::Duration kServingMax = absl::Seconds(60);
constexpr absl::Duration kDrainMax = absl::Seconds(30);
constexpr absl::Duration kKillPointMax = absl::Seconds(20);
// Longer than a lease of the run's destinations.
constexpr absl::Duration kPastLease = absl::Seconds(23);
constexpr int kKilled = 128 + SIGKILL;

void AwaitServing(Stage& stage, ServiceProcess& service, int64_t after) {
  if (service.AwaitLifeAfter(after, kServingMax)) return;
  stage.NoteProblem(absl::StrCat(service.name(), " does not serve again"));
}

bool KillAtRandom(Stage& stage, FaultRandom& random) {
  const OccupiedService service(stage, random);
  stage.Hold(PickTime(random, absl::ZeroDuration(), absl::Seconds(1)));
  const int64_t life = service->life();
  const bool killed = service->End(SIGKILL, kServingMax) == kKilled;
  AwaitServing(stage, *service, life);
  return killed;
}

// What the process does only when another owner has vanished, or rarely anyway.
bool IsRare(std::string_view point) {
  return point == "after-reap" || point.find("validation") != std::string_view::npos ||
         point.find("turn") != std::string_view::npos || point == "after-record-doubt";
}

bool KillAtPoint(std::string_view point, Stage& stage, FaultRandom& random) {
  const OccupiedService service(stage, random);
  const int passes = IsRare(point) ? 1 : Pick(random, 1, 12);
  service->SetNextEnvironment(
      absl::StrCat("SNAPLEDGER_TEST_KILL=", base::AsAbsl(point), ":", passes));
  int64_t life = service->life();
  // Killed, it leaves leases that have to be reaped.
  service->End(IsRare(point) ? SIGKILL : SIGTERM, kDrainMax);
  if (!service->AwaitLifeAfter(life, kServingMax)) return false;
  life = service->life();
  const bool killed = service->AwaitEnd(life, kKillPointMax) == kKilled;
  // It must not go off later.
  if (!killed) service->End(SIGKILL, kServingMax);
  AwaitServing(stage, *service, life);
  return killed;
}

bool Suspend(absl::Duration low, absl::Duration high, Stage& stage, FaultRandom& random) {
  const OccupiedService service(stage, random);
  service->Signal(SIGSTOP);
  stage.Hold(PickTime(random, low, high));
  service->Signal(SIGCONT);
  return true;
}

void Restart(Stage& stage, ServiceProcess& service) {
  const int64_t life = service.life();
  const std::optional<int> exit_code = service.End(SIGTERM, kDrainMax);
  if (!exit_code.has_value()) {
    stage.NoteProblem(absl::StrCat(service.name(), " does not end on SIGTERM"));
    service.End(SIGKILL, kServingMax);
  }
  AwaitServing(stage, service, life);
}

bool Terminate(Stage& stage, FaultRandom& random) {
  const OccupiedService service(stage, random);
  Restart(stage, *service);
  return true;
}

bool RollThrough(Stage& stage, FaultRandom& /*random*/) {
  for (const auto& each : stage.services()) {
    const OccupiedService service(*each);
    Restart(stage, *service);
  }
  return true;
}

void SetClock(const ServiceProcess& service, int seconds) {
  const std::string written = service.clock_file() + ".new";
  std::ofstream(written) << seconds << "\n";
  std::rename(written.c_str(), service.clock_file().c_str());
}

bool ShiftClock(int low_hours, int high_hours, Stage& stage, FaultRandom& random) {
  const OccupiedService service(stage, random);
  SetClock(*service, Pick(random, low_hours * 3600, high_hours * 3600));
  stage.Hold(PickTime(random, absl::Seconds(2), absl::Seconds(6)));
  SetClock(*service, 0);
  return true;
}

}  // namespace

std::vector<FaultKind> ServiceFaults() {
  using std::placeholders::_1;
  using std::placeholders::_2;
  std::vector<FaultKind> kinds = {
      {"service-kill", FaultPlace::kService, KillAtRandom},
      {"service-stop-past-lease", FaultPlace::kService,
       std::bind(Suspend, kPastLease, kPastLease + absl::Seconds(4), _1, _2)},
      {"service-stop-briefly", FaultPlace::kService,
       std::bind(Suspend, absl::Seconds(1), absl::Seconds(6), _1, _2)},
      {"service-terminate", FaultPlace::kService, Terminate},
      {"rolling-restart", FaultPlace::kService, RollThrough},
      {"clock-forward", FaultPlace::kService, std::bind(ShiftClock, 1, 12, _1, _2)},
      {"clock-back", FaultPlace::kService, std::bind(ShiftClock, -12, -1, _1, _2)},
  };
  for (const faulty::KillPointText& point : faulty::kKillPoints) {
    kinds.push_back({absl::StrCat("kill-", base::AsAbsl(point.name)), FaultPlace::kService,
                     std::bind(KillAtPoint, point.name, _1, _2)});
  }
  return kinds;
}

}  // namespace snapledger::chaos
