#include "tests/e2e/deployment.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <rapidjson/document.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "absl/time/clock.h"
#include "services/security/key_file.h"

namespace snapledger::e2e {
namespace {

constexpr absl::Duration kStartMax = absl::Seconds(60);

std::string Member(const std::string& json, const char* name) {
  rapidjson::Document document;
  if (document.Parse(json.c_str()).HasParseError() || !document.HasMember(name)) {
    throw std::runtime_error("a ready file without " + std::string(name));
  }
  return document[name].GetString();
}

}  // namespace

std::string ProgramPath(const std::string& name) {
  return std::string(SNAPLEDGER_BINARY_DIR) + "/bin/" + name;
}

Deployment::Deployment(const std::vector<std::string>& emulator_flags, std::string database)
    : database_url_(std::move(database)) {
  if (database_url_.empty()) {
    database_ = support::TestDatabase::Create();
    database_url_ = database_->url();
  }
  const std::string& folder = folder_.path();
  std::vector<std::string> arguments = {ProgramPath("snap-emulator"),
                                        "--listen",
                                        "127.0.0.1:0",
                                        "--admin-listen",
                                        "127.0.0.1:0",
                                        "--ca-out",
                                        folder + "/ca.pem",
                                        "--ready-file",
                                        folder + "/emulator.json",
                                        "--journal",
                                        folder + "/journal.jsonl"};
  arguments.insert(arguments.end(), emulator_flags.begin(), emulator_flags.end());
  emulator_program_ =
      std::make_unique<support::RunningProgram>(arguments, folder + "/emulator.log");
  const std::string ready =
      support::AwaitFile(folder + "/emulator.json", *emulator_program_, kStartMax);
  emulator_url_ = Member(ready, "url");
  emulator_ = std::make_unique<EmulatorClient>(Member(ready, "admin"));
  if (!security::CreateKeyFile(folder + "/keys").ok()) throw std::runtime_error("no key file");
}

Service Deployment::StartService(const std::vector<std::string>& extra_flags,
                                 const std::vector<std::string>& command) {
  const std::string name = folder_.path() + "/service" + std::to_string(++services_);
  const std::string ready_file = name + ".json";
  std::vector<std::string> arguments = command;
  if (arguments.empty()) arguments = {ProgramPath("snapledger")};
  const std::vector<std::string> flags = {"serve",         "--insecure",
                                          "--listen",      "127.0.0.1:0",
                                          "--http-listen", "127.0.0.1:0",
                                          "--database",    database_url_,
                                          "--key-file",    folder_.path() + "/keys",
                                          "--snap-url",    emulator_url_,
                                          "--snap-ca",     folder_.path() + "/ca.pem",
                                          "--ready-file",  ready_file};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  arguments.insert(arguments.end(), extra_flags.begin(), extra_flags.end());
  Service service;
  service.program = std::make_unique<support::RunningProgram>(arguments, name + ".log");
  const std::string ready = support::AwaitFile(ready_file, *service.program, kStartMax);
  service.address = Member(ready, "grpc");
  service.http_address = Member(ready, "http");
  const auto channel = grpc::CreateChannel(service.address, grpc::InsecureChannelCredentials());
  service.conversions = v1::ConversionService::NewStub(channel);
  service.admin = v1::AdminService::NewStub(channel);
  return service;
}

void CreateDestination(Service& service, const std::string& destination_id,
                       v1::DestinationKind kind, const v1::DestinationSettings& settings) {
  v1::CreateDestinationRequest request;
  request.set_destination_id(destination_id);
  request.set_kind(kind);
  request.set_display_name("test");
  request.set_access_token("token-of-" + destination_id);
  *request.mutable_settings() = settings;
  grpc::ClientContext context;
  v1::CreateDestinationResponse response;
  const grpc::Status status = service.admin->CreateDestination(&context, request, &response);
  if (!status.ok()) throw std::runtime_error(status.error_message());
}

std::vector<v1::EventVerdict> Record(Service& service, const std::string& destination,
                                     const std::vector<v1::ConversionEvent>& events) {
  v1::RecordEventsRequest request;
  request.set_destination(destination);
  for (const v1::ConversionEvent& event : events) *request.add_events() = event;
  grpc::ClientContext context;
  v1::RecordEventsResponse response;
  const grpc::Status status = service.conversions->RecordEvents(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return {response.verdicts().begin(), response.verdicts().end()};
}

v1::EventStatus GetEvent(Service& service, const std::string& destination,
                         const std::string& event_id) {
  v1::GetEventRequest request;
  request.set_destination(destination);
  request.set_event_id(event_id);
  grpc::ClientContext context;
  v1::GetEventResponse response;
  const grpc::Status status = service.conversions->GetEvent(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.event();
}

std::map<v1::DeliveryState, int64_t> StateCounts(Service& service, const std::string& destination) {
  v1::GetDeliveryStatsRequest request;
  request.set_destination(destination);
  grpc::ClientContext context;
  v1::GetDeliveryStatsResponse response;
  const grpc::Status status = service.conversions->GetDeliveryStats(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  std::map<v1::DeliveryState, int64_t> counts;
  for (const v1::DestinationDelivery& delivery : response.destinations()) {
    for (const v1::StateCount& count : delivery.counts()) {
      if (count.count() != 0) counts[count.state()] += count.count();
    }
  }
  return counts;
}

std::map<v1::DeliveryState, int64_t> AwaitDelivered(Service& service,
                                                    const std::string& destination, int64_t count,
                                                    absl::Duration time_max) {
  const std::map<v1::DeliveryState, int64_t> wanted = {{v1::DELIVERY_STATE_DELIVERED, count}};
  std::map<v1::DeliveryState, int64_t> counts;
  Await(time_max, [&] {
    counts = StateCounts(service, destination);
    return counts == wanted;
  });
  return counts;
}

std::string Metrics(const Service& service) {
  httplib::Client client("http://" + service.http_address);
  const httplib::Result result = client.Get("/metrics");
  if (!result || result->status != 200) throw std::runtime_error("/metrics does not answer");
  return result->body;
}

int64_t MemoryBytes(const Service& service, const std::string& measure) {
  std::ifstream status("/proc/" + std::to_string(service.program->pid()) + "/status");
  std::string word;
  int64_t kibibytes = 0;
  while (status >> word) {
    if (word == measure + ":" && status >> kibibytes) return kibibytes << 10;
  }
  throw std::runtime_error("/proc does not tell " + measure);
}

bool Await(absl::Duration time_max, const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + time_max;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(20));
  }
  return true;
}

}  // namespace snapledger::e2e
