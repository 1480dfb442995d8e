#include "tests/chaos/stage.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "services/security/key_file.h"

namespace snapledger::chaos {
namespace {

constexpr absl::Duration kStartMax = absl::Seconds(60);
// The journal of the server's changes, which may grow to half of it, and the events.
constexpr int64_t kDatabaseBytesMin = int64_t{2} << 30;
constexpr int64_t kDatabaseBytesPerEvent = 1500;
constexpr int kPlantedIdentifiers = 50;
constexpr int64_t kRefusedEvery = 2000;
constexpr int64_t kRefusedPerCallerMax = 400;

std::vector<LoadDestination> MakeDestinations() {
  return {{"9d3c8c3a-1111-4a4a-8b8b-chaos0000001", v1::DESTINATION_KIND_PIXEL},
          {"9d3c8c3a-2222-4a4a-8b8b-chaos0000002", v1::DESTINATION_KIND_PIXEL},
          {"9d3c8c3a-3333-4a4a-8b8b-chaos0000003", v1::DESTINATION_KIND_PIXEL},
          {"chaos.app.4", v1::DESTINATION_KIND_APP}};
}

// Brisk: a lease is some 21 seconds. Each has its own way: a rate that is often reached, several
// lanes, small requests.
v1::DestinationSettings SettingsOf(size_t number) {
  v1::DestinationSettings settings;
  settings.mutable_request_timeout()->set_nanos(500'000'000);
  settings.mutable_request_timeout()->set_seconds(1);
  constexpr double kRequestsPerSecond[] = {40, 60, 4, 25};
  constexpr int kEventsPerRequest[] = {500, 250, 2000, 1000};
  settings.set_max_requests_per_second(kRequestsPerSecond[number % 4]);
  settings.set_max_events_per_request(kEventsPerRequest[number % 4]);
  settings.set_max_in_flight_requests(8);
  if (number == 1) settings.set_lane_count(4);
  return settings;
}

std::string MakeBackgroundFaults(const Stage::Options& options) {
  std::string ids;
  const int64_t per_caller = options.events / std::max(1, options.callers);
  const int64_t step = std::max(kRefusedEvery, per_caller / kRefusedPerCallerMax);
  for (int caller = 0; caller < options.callers; ++caller) {
    for (int64_t number = kRefusedEvery / 2; number < 2 * per_caller; number += step) {
      absl::StrAppend(&ids, ids.empty() ? "" : ",", R"("caller)", caller, "-", number, R"(")");
    }
  }
  std::string faults =
      R"({"kind":"status","status":503,"process":true,"probability":0.004,"name":"background"},)"
      R"({"kind":"status","status":500,"probability":0.004,"name":"background"})";
  if (!ids.empty()) {
    absl::StrAppend(&faults, R"(,{"kind":"reject_events","name":"background","event_ids":[)", ids,
                    "]}");
  }
  return faults;
}

}  // namespace

Stage::Stage(const Options& options)
    : options_(options),
      destinations_(MakeDestinations()),
      background_faults_(MakeBackgroundFaults(options)),
      database_(options.folder + "/postgres",
                kDatabaseBytesMin + options.events * kDatabaseBytesPerEvent),
      emulator_(options.program_folder + "/snap-emulator", options.folder, options.seed) {
  emulator_.client().SetFaults(absl::StrCat(R"({"faults":[)", background_faults_, "]}"));
  StartServices();
  CreateDestinations();
  monitor_ = std::make_unique<Monitor>(*administration_);
  LoadClient::Options load = {.seed = options.seed,
                              .callers = options.callers,
                              .events_per_second = options.events_per_second,
                              .destinations = destinations_,
                              .log_file = load_log()};
  for (const auto& service : services_) load.addresses.push_back(service->address());
  load_ = std::make_unique<LoadClient>(load);
  WritePlanted();
}

void Stage::WritePlanted() const {
  std::ofstream planted(planted_file());
  for (const LoadDestination& destination : destinations_) planted << destination.token() << "\n";
  for (const std::string& identifier : load_->RawIdentifiers(kPlantedIdentifiers)) {
    planted << identifier << "\n";
  }
}

void Stage::StartServices() {
  if (!security::CreateKeyFile(key_file()).ok()) throw std::runtime_error("no key file");
  std::vector<std::string> addresses;
  for (int i = 0; i < options_.services; ++i) {
    services_.push_back(std::make_unique<ServiceProcess>(ServiceProcess::Options{
        .name = absl::StrCat("service", i + 1),
        .folder = options_.folder,
        .arguments = {"--key-file", key_file(), "--snap-ca", emulator_.ca_file()},
        .program = options_.program_folder + "/snapledger-faulty",
        .database_target = database_.socket(),
        .snap_target = emulator_.target()}));
    addresses.push_back(services_.back()->address());
  }
  for (const auto& service : services_) {
    if (!service->AwaitLifeAfter(0, kStartMax)) {
      throw std::runtime_error(absl::StrCat(service->name(), " does not serve; see its log"));
    }
  }
  administration_ = std::make_unique<Administration>(addresses);
}

void Stage::CreateDestinations() {
  for (size_t i = 0; i < destinations_.size(); ++i) {
    v1::CreateDestinationRequest request;
    request.set_destination_id(destinations_[i].id);
    request.set_kind(destinations_[i].kind);
    request.set_display_name("chaos");
    request.set_access_token(destinations_[i].token());
    *request.mutable_settings() = SettingsOf(i);
    if (!administration_->CreateDestination(request, kStartMax)) {
      throw std::runtime_error("a destination cannot be made");
    }
  }
  emulator_.client().SetTokens(TokenLines(""));
}

bool Stage::Hold(absl::Duration duration) const {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&ending_), duration);
  return !ending_;
}

void Stage::Wait(absl::Duration duration) const {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&never_), duration);
}

std::string Stage::TokenLines(const std::string& without) const {
  std::string lines;
  for (const LoadDestination& destination : destinations_) {
    if (destination.id == without) continue;
    absl::StrAppend(&lines, destination.id, " ", destination.token(), "\n");
  }
  return lines;
}

void Stage::EndFaults() {
  absl::MutexLock lock(&mutex_);
  ending_ = true;
}

void Stage::NoteProblem(const std::string& problem) {
  absl::MutexLock lock(&mutex_);
  problems_.push_back(problem);
}

std::vector<std::string> Stage::problems() const {
  absl::MutexLock lock(&mutex_);
  return problems_;
}

}  // namespace snapledger::chaos
