#include "services/bench/meter.h"

#include <time.h>

#include <algorithm>

#include "services/base/status_macros.h"
#include "services/bench/processor_time.h"

namespace snapledger::bench {
namespace {

double ThisProcessSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace

absl::StatusOr<Meter> Meter::Begin(Deployment& deployment) {
  SNAPLEDGER_RETURN_IF_ERROR(deployment.database().Checkpoint());
  Meter meter(deployment);
  SNAPLEDGER_ASSIGN_OR_RETURN(meter.begin_, meter.Read());
  return meter;
}

absl::StatusOr<Meter::Reading> Meter::Read() const {
  Reading reading;
  LedgerDatabase& database = deployment_->database();
  SNAPLEDGER_ASSIGN_OR_RETURN(reading.wal_bytes, database.WalBytes());
  reading.service = ProcessSeconds(deployment_->service().pid());
  if (database.server_pid() != 0) reading.postgres = FamilySeconds(database.server_pid());
  reading.sink = deployment_->sink().Seconds();
  reading.requests = deployment_->sink().requests();
  reading.process = ThisProcessSeconds();
  reading.machine = MachineSeconds();
  return reading;
}

absl::Status Meter::Finish(int64_t events, Report* report) const {
  SNAPLEDGER_ASSIGN_OR_RETURN(const Reading end, Read());
  const auto count = static_cast<double>(std::max<int64_t>(events, 1));
  const auto microseconds = [count](double seconds) { return seconds * 1e6 / count; };
  const double sink = end.sink - begin_.sink;
  report->service_us = microseconds(end.service - begin_.service);
  if (deployment_->database().server_pid() != 0) {
    report->postgres_us = microseconds(end.postgres - begin_.postgres);
  }
  report->client_us = microseconds(end.process - begin_.process - sink);
  if (end.requests > begin_.requests) {
    report->sink_us = microseconds(sink);
    report->requests = static_cast<double>(end.requests - begin_.requests);
  }
  report->machine_us = microseconds(end.machine - begin_.machine);
  report->wal_bytes = static_cast<double>(end.wal_bytes - begin_.wal_bytes) / count;
  report->peak_resident_bytes = PeakResidentBytes(deployment_->service().pid());
  return absl::OkStatus();
}

}  // namespace snapledger::bench
