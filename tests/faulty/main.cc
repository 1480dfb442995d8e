// The program snapledger with faults that the environment asks for:
//   SNAPLEDGER_TEST_KILL=POINT:N        the N-th pass of the point kills the process
//   SNAPLEDGER_TEST_BUG=NAME            plants a mistake
//   SNAPLEDGER_TEST_CLOCK_FILE=PATH     shifts the wall time by the seconds the file holds
//   snapledger-faulty --list-faults     lists points and mistakes

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "services/app/exit_codes.h"
#include "services/app/program.h"
#include "tests/faulty/buggy_parts.h"
#include "tests/faulty/killing_parts.h"
#include "tests/faulty/shifted_clock.h"

namespace snapledger::faulty {
namespace {

const char* Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void ListFaults() {
  std::printf("Kill points, for SNAPLEDGER_TEST_KILL=POINT:N\n");
  for (const KillPointText& point : kKillPoints) {
    std::printf("  %-22.*s %.*s\n", static_cast<int>(point.name.size()), point.name.data(),
                static_cast<int>(point.text.size()), point.text.data());
  }
  std::printf("\nMistakes, for SNAPLEDGER_TEST_BUG=NAME, with the invariant each breaks\n");
  for (const PlantedBugText& bug : kPlantedBugs) {
    std::printf("  %-22.*s %-4.*s %.*s\n", static_cast<int>(bug.name.size()), bug.name.data(),
                static_cast<int>(bug.invariant.size()), bug.invariant.data(),
                static_cast<int>(bug.text.size()), bug.text.data());
  }
}

int Run(int argc, char** argv) {
  KillSwitch kill;
  if (const char* const text = Variable("SNAPLEDGER_TEST_KILL"); *text != '\0') {
    const absl::Status armed = kill.Arm(text);
    if (!armed.ok()) return app::Complain(armed, app::kUsageError);
  }
  PlantedBug bug = PlantedBug::kNone;
  if (const char* const name = Variable("SNAPLEDGER_TEST_BUG"); *name != '\0') {
    const absl::StatusOr<PlantedBug> named = PlantedBugByName(name);
    if (!named.ok()) return app::Complain(named.status(), app::kUsageError);
    bug = *named;
  }
  const ShiftedClock clock(Variable("SNAPLEDGER_TEST_CLOCK_FILE"));
  // The kills are inside: a mistake is passed before what it wraps is.
  std::vector<std::unique_ptr<KillingLedger>> ledgers;
  std::vector<std::unique_ptr<KillingSnapClient>> clients;
  app::Seams seams;
  seams.clock = &clock;
  seams.ledger = [&](storage::Ledger& ledger, const std::string& database_url) {
    ledgers.push_back(std::make_unique<KillingLedger>(ledger, kill));
    return std::make_unique<BuggyLedger>(*ledgers.back(), bug, database_url);
  };
  seams.snap = [&](snap::SnapClient& snap) {
    clients.push_back(std::make_unique<KillingSnapClient>(snap, kill));
    return std::make_unique<BuggySnapClient>(*clients.back(), bug);
  };
  return app::RunProgram(argc, argv, seams);
}

}  // namespace
}  // namespace snapledger::faulty

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--list-faults") {
    snapledger::faulty::ListFaults();
    return 0;
  }
  return snapledger::faulty::Run(argc, argv);
}
