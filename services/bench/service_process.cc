#include "services/bench/service_process.h"

#include <rapidjson/document.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "services/base/clock.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"

namespace snapledger::bench {
namespace {

constexpr absl::Duration kStartMax = absl::Seconds(60);
constexpr absl::Duration kStopMax = absl::Seconds(60);
constexpr absl::Duration kLookInterval = absl::Milliseconds(20);
constexpr size_t kLogTailBytes = 1000;

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> ArgumentsOf(const ServiceProcess::Options& options,
                                     const std::string& ready_file) {
  // The service must not outlive a measurement that was broken off; setpriv becomes the service.
  return {
      "/usr/bin/setpriv",   "--pdeathsig",   "TERM",           options.program, "serve",
      "--insecure",         "--listen",      "127.0.0.1:0",    "--http-listen", "127.0.0.1:0",
      "--log-level",        "warning",       "--roles",        options.roles,   "--database",
      options.database_url, "--key-file",    options.key_file, "--snap-url",    options.snap_url,
      "--snap-ca",          options.snap_ca, "--ready-file",   ready_file};
}

absl::Status NotServing(const std::string& why, const std::string& log_file) {
  const std::string log = ReadText(log_file);
  const size_t begin = log.size() > kLogTailBytes ? log.size() - kLogTailBytes : 0;
  return absl::UnavailableError(base::Concat("the service ", why, ": ", log.substr(begin)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServiceProcess>> ServiceProcess::Start(const Options& options) {
  const std::string ready_file = options.folder + "/ready.json";
  const std::string log_file = options.folder + "/service.log";
  std::filesystem::remove(ready_file);
  SNAPLEDGER_ASSIGN_OR_RETURN(
      const pid_t pid, storage::StartChild({.arguments = ArgumentsOf(options, ready_file),
                                            .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"},
                                            .output_file = log_file}));
  SNAPLEDGER_ASSIGN_OR_RETURN(storage::ProcessHandle handle, storage::ProcessHandle::Open(pid));
  std::unique_ptr<ServiceProcess> service(new ServiceProcess(std::move(handle), ""));
  const absl::Duration deadline = base::Clock::Real().Monotonic() + kStartMax;
  while (!std::filesystem::exists(ready_file)) {
    if (service->handle_.WaitForEnd(kLookInterval)) return NotServing("ended", log_file);
    if (base::Clock::Real().Monotonic() > deadline) return NotServing("does not serve", log_file);
  }
  rapidjson::Document ready;
  const std::string text = ReadText(ready_file);
  if (ready.Parse(text.c_str()).HasParseError() || !ready.HasMember("grpc")) {
    return NotServing("wrote a ready file without an address", log_file);
  }
  service->address_ = ready["grpc"].GetString();
  return service;
}

ServiceProcess::~ServiceProcess() {
  handle_.Signal(SIGTERM);
  if (handle_.WaitForEnd(kStopMax)) return;
  handle_.Signal(SIGKILL);
  (void)handle_.WaitForEnd(kStopMax);
}

}  // namespace snapledger::bench
