// Faults of the PostgreSQL server.

#include <signal.h>

#include <functional>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/connection.h"
#include "storage/sql_error.h"
#include "tests/chaos/fault.h"

namespace snapledger::chaos {
namespace {

constexpr absl::Duration kEndMax = absl::Seconds(60);
constexpr absl::Duration kUpMax = absl::Minutes(2);
constexpr int kConnectionsMax = 200;
// How the server begins to say so to a role without privileges; a connection that was not made has
// no SQLSTATE.
constexpr char kTooManyConnections[] = "too many clients";
constexpr char kSlotsReserved[] = "connection slots are reserved";

constexpr storage::Statement kSomeBackends = {
    "chaos_some_backends",
    "select pid from pg_stat_activity where application_name = 'snapledger'"
    " and backend_type = 'client backend' and pid <> pg_backend_pid() and usename = 'snapledger'"
    " order by state <> 'idle' desc, pid limit $1"};
constexpr storage::Statement kEndBackends = {
    "chaos_end_backends",
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where application_name = 'snapledger' and usename = 'snapledger'"
    " and pid <> pg_backend_pid()"};
// Fails where no file can grow any more.
constexpr char kNeedsRoom[] =
    "create table if not exists public.chaos_room (filler text);"
    "insert into public.chaos_room select repeat(md5(n::text), 60) from generate_series(1, 4000) n;"
    "truncate public.chaos_room";
constexpr char kHoldLot[] = "begin; lock table snapledger.lot in access exclusive mode";

// As the superuser, by the server's own socket.
std::unique_ptr<storage::Connection> Administrator(Stage& stage, bool ledger = false) {
  std::string url = stage.database().administrator_url();
  if (ledger) url.replace(url.rfind('/') + 1, std::string::npos, "snapledger");
  return std::make_unique<storage::Connection>(storage::ConnectionOptions{.url = url});
}

void BringUp(Stage& stage) {
  if (!stage.database().Restart(kUpMax)) stage.NoteProblem("PostgreSQL does not start again");
}

bool KillBackend(Stage& stage, FaultRandom& random) {
  try {
    const storage::Result pids = Administrator(stage)->Execute(
        kSomeBackends, storage::Parameters().Int4(Pick(random, 1, 5)));
    if (pids.row_count() == 0) return false;
    kill(pids.Int4(static_cast<int>(random() % static_cast<uint64_t>(pids.row_count())), 0),
         SIGKILL);
  } catch (const storage::SqlError&) {
    return false;  // the server is still coming back from the fault before
  }
  stage.Hold(PickTime(random, absl::ZeroDuration(), absl::Seconds(2)));
  BringUp(stage);
  return true;
}

bool EndSessions(Stage& stage, FaultRandom& random) {
  try {
    const auto connection = Administrator(stage);
    bool ended = false;
    for (int times = Pick(random, 1, 5); times > 0; --times) {
      ended = connection->Execute(kEndBackends).row_count() > 0 || ended;
      stage.Hold(PickTime(random, absl::ZeroDuration(), absl::Seconds(1)));
    }
    return ended;
  } catch (const storage::SqlError&) {
    return false;
  }
}

// SIGKILL, or how pg_ctl stops a server: SIGQUIT at once, SIGINT with its sessions ended in order.
bool EndServer(int signal, Stage& stage, FaultRandom& random) {
  stage.database().SignalServer(signal);
  const bool ended = stage.database().AwaitServerEnd(kEndMax);
  if (!ended) stage.NoteProblem(absl::StrCat("PostgreSQL does not end on signal ", signal));
  stage.Hold(PickTime(random, absl::ZeroDuration(), absl::Seconds(4)));
  BringUp(stage);
  return ended;
}

bool FillDisk(Stage& stage, FaultRandom& random) {
  bool full = stage.database().Fill();
  // What others freed meanwhile is taken as well.
  for (int rounds = Pick(random, 6, 14); rounds > 0 && full; --rounds) {
    stage.Hold(absl::Milliseconds(400));
    full = stage.database().Fill();
  }
  bool struck = false;
  try {
    Administrator(stage)->ExecuteScript(kNeedsRoom);
  } catch (const storage::SqlError&) {
    struck = true;  // out of space, or a server that ended for want of it
  }
  stage.database().MakeRoom();
  BringUp(stage);
  return struck;
}

bool TakeConnections(Stage& stage, FaultRandom& random) {
  std::vector<std::unique_ptr<storage::Connection>> taken;
  bool all = false;
  // Those that the services have are taken from them, a few times over.
  for (int rounds = Pick(random, 3, 8); rounds > 0; --rounds) {
    try {
      Administrator(stage)->Execute(kEndBackends);
    } catch (const storage::SqlError&) {
      break;
    }
    try {
      while (taken.size() < kConnectionsMax) {
        taken.push_back(std::make_unique<storage::Connection>(
            storage::ConnectionOptions{.url = stage.database().url()}));
      }
    } catch (const storage::SqlError& error) {
      all = all || absl::StrContains(error.what(), kTooManyConnections) ||
            absl::StrContains(error.what(), kSlotsReserved);
    }
    stage.Hold(absl::Milliseconds(700));
  }
  return all;
}

bool LockTable(Stage& stage, FaultRandom& random) {
  try {
    const auto connection = Administrator(stage, /*ledger=*/true);
    connection->ExecuteScript(kHoldLot);
    stage.Hold(PickTime(random, absl::Seconds(2), absl::Seconds(8)));
    connection->ExecuteScript("rollback");
    return true;
  } catch (const storage::SqlError&) {
    return false;
  }
}

}  // namespace

std::vector<FaultKind> DatabaseFaults(const Database& database) {
  using std::placeholders::_1;
  using std::placeholders::_2;
  return {
      {"backend-kill", FaultPlace::kDatabase, KillBackend},
      {"backends-terminate", FaultPlace::kDatabase, EndSessions},
      {"postmaster-kill", FaultPlace::kDatabase, std::bind(EndServer, SIGKILL, _1, _2)},
      {"database-stop-immediate", FaultPlace::kDatabase, std::bind(EndServer, SIGQUIT, _1, _2)},
      {"database-restart-fast", FaultPlace::kDatabase, std::bind(EndServer, SIGINT, _1, _2)},
      {"disk-full", FaultPlace::kDatabase, FillDisk, database.why_not_fillable()},
      {"connections-exhausted", FaultPlace::kDatabase, TakeConnections},
      {"table-locked", FaultPlace::kDatabase, LockTable},
  };
}

}  // namespace snapledger::chaos
