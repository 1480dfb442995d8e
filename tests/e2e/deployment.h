#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "snapledger/v1/admin_service.grpc.pb.h"
#include "snapledger/v1/conversion_service.grpc.pb.h"
#include "tests/e2e/emulator_client.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/running_program.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::e2e {

// One running `snapledger serve` and the stubs to call it.
struct Service {
  std::unique_ptr<support::RunningProgram> program;
  std::string address;
  std::string http_address;
  std::unique_ptr<v1::ConversionService::Stub> conversions;
  std::unique_ptr<v1::AdminService::Stub> admin;
};

// The real programs: an emulator, a database and as many services as a test wants, on loopback, all
// gone when this ends. Every call throws std::runtime_error where a part does not do its duty.
class Deployment {
 public:
  // `database`: what services are given as --database; empty: a database of its own.
  explicit Deployment(const std::vector<std::string>& emulator_flags = {},
                      std::string database = "");

  // Starts one more service on the same database and emulator; `command` in place of snapledger.
  Service StartService(const std::vector<std::string>& extra_flags = {},
                       const std::vector<std::string>& command = {});

  EmulatorClient& emulator() { return *emulator_; }
  std::string emulator_url() const { return emulator_url_; }
  Journal ReadJournal() const { return e2e::ReadJournal(folder_.path() + "/journal.jsonl"); }
  const std::string& database_url() const { return database_url_; }
  const std::string& folder() const { return folder_.path(); }

 private:
  support::TemporaryFolder folder_;
  std::unique_ptr<support::TestDatabase> database_;
  std::string database_url_;
  std::unique_ptr<support::RunningProgram> emulator_program_;
  std::unique_ptr<EmulatorClient> emulator_;
  std::string emulator_url_;
  int services_ = 0;
};

// The path of a program of this build.
std::string ProgramPath(const std::string& name);

// Makes a destination; `settings` as in the API.
void CreateDestination(Service& service, const std::string& destination_id,
                       v1::DestinationKind kind, const v1::DestinationSettings& settings = {});

// Records events in one call and gives their verdicts; fails the test where the call fails.
std::vector<v1::EventVerdict> Record(Service& service, const std::string& destination,
                                     const std::vector<v1::ConversionEvent>& events);

v1::EventStatus GetEvent(Service& service, const std::string& destination,
                         const std::string& event_id);

// How many events of the destination are in each state; a destination without events has none.
std::map<v1::DeliveryState, int64_t> StateCounts(Service& service, const std::string& destination);

// Asks until `count` events of the destination are DELIVERED and nothing is on its way, or the time
// is up; gives the last counts.
std::map<v1::DeliveryState, int64_t> AwaitDelivered(Service& service,
                                                    const std::string& destination, int64_t count,
                                                    absl::Duration time_max = absl::Seconds(60));

// What the service shows at /metrics now.
std::string Metrics(const Service& service);

// Memory of the service's process as /proc tells it: "VmRSS" of now, "VmHWM" the most so far.
int64_t MemoryBytes(const Service& service, const std::string& measure);

// Calls `condition` until it holds; false when the time is up.
bool Await(absl::Duration time_max, const std::function<bool()>& condition);

}  // namespace snapledger::e2e
