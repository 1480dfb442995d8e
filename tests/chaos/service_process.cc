#include "tests/chaos/service_process.h"

#include <signal.h>

#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/chaos/json_member.h"
#include "tests/support/running_program.h"

namespace snapledger::chaos {
namespace {

constexpr absl::Duration kStartMax = absl::Seconds(60);
constexpr absl::Duration kAnyTime = absl::Hours(24);
// One that cannot start, for its database is away, is not started again faster than this.
constexpr absl::Duration kRestartPause = absl::Milliseconds(200);

}  // namespace

ServiceProcess::ServiceProcess(const Options& options) : options_(options) {
  to_database_.SetTarget(options_.database_target);
  to_snap_.SetTarget(options_.snap_target);
  std::ofstream(clock_file()) << "0\n";
  thread_ = std::thread([this] { Run(); });
}

ServiceProcess::~ServiceProcess() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (process_.has_value()) process_->Signal(SIGKILL);
  }
  thread_.join();
}

std::string ServiceProcess::address() const {
  return absl::StrCat("127.0.0.1:", to_service_.port());
}

std::string ServiceProcess::log_file() const {
  return absl::StrCat(options_.folder, "/", options_.name, ".log");
}

std::string ServiceProcess::clock_file() const {
  return absl::StrCat(options_.folder, "/", options_.name, ".clock");
}

int64_t ServiceProcess::life() const {
  absl::MutexLock lock(&mutex_);
  return life_;
}

bool ServiceProcess::AwaitLifeAfter(int64_t life, absl::Duration time_max) const {
  absl::MutexLock lock(&mutex_);
  const auto serves = [this, life]()
                          ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return life_ > life && serving_; };
  return mutex_.AwaitWithTimeout(absl::Condition(&serves), time_max);
}

void ServiceProcess::Signal(int signal) const {
  absl::MutexLock lock(&mutex_);
  if (process_.has_value()) process_->Signal(signal);
}

void ServiceProcess::SetNextEnvironment(const std::string& variable) {
  absl::MutexLock lock(&mutex_);
  next_environment_ = variable;
}

std::optional<int> ServiceProcess::End(int signal, absl::Duration time_max) {
  const int64_t present = life();
  Signal(signal);
  return AwaitEnd(present, time_max);
}

std::optional<int> ServiceProcess::AwaitEnd(int64_t life, absl::Duration time_max) const {
  absl::MutexLock lock(&mutex_);
  const auto ended = [this, life]()
                         ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ended_life_ >= life; };
  if (!mutex_.AwaitWithTimeout(absl::Condition(&ended), time_max)) return std::nullopt;
  return exit_code_;
}

bool ServiceProcess::TryOccupy() {
  absl::MutexLock lock(&mutex_);
  if (occupied_) return false;
  occupied_ = true;
  return true;
}

void ServiceProcess::Occupy() {
  absl::MutexLock lock(&mutex_);
  const auto free = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !occupied_; };
  mutex_.Await(absl::Condition(&free));
  occupied_ = true;
}

void ServiceProcess::Release() {
  absl::MutexLock lock(&mutex_);
  occupied_ = false;
}

std::optional<int> ServiceProcess::Stop(absl::Duration time_max) {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  return End(SIGTERM, time_max);
}

void ServiceProcess::Run() {
  for (;;) {
    const bool served = LiveOnce();
    absl::MutexLock lock(&mutex_);
    if (!served) mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kRestartPause);
    if (stopping_) return;
  }
}

bool ServiceProcess::LiveOnce() {
  const std::string ready_file = absl::StrCat(options_.folder, "/", options_.name, ".json");
  std::remove(ready_file.c_str());
  support::RunningProgram program(TakeCommandLine(), log_file());
  {
    absl::MutexLock lock(&mutex_);
    absl::StatusOr<storage::ProcessHandle> process = storage::ProcessHandle::Open(program.pid());
    if (process.ok()) process_ = *std::move(process);
    ++life_;
    if (stopping_) program.Signal(SIGKILL);
  }
  bool served = false;
  try {
    const std::string ready = support::AwaitFile(ready_file, program, kStartMax);
    to_service_.SetTarget(TextMember(ready, "grpc"));
    absl::MutexLock lock(&mutex_);
    serving_ = served = true;
  } catch (const std::runtime_error&) {
    // It ended before it served; or it takes too long, which a new start may mend.
    program.Signal(SIGKILL);
  }
  const int exit_code = program.WaitForExit(kAnyTime);
  absl::MutexLock lock(&mutex_);
  process_.reset();
  serving_ = false;
  ended_life_ = life_;
  exit_code_ = exit_code;
  return served;
}

// The child dies with the thread that started it, which is this object's own.
std::vector<std::string> ServiceProcess::TakeCommandLine() {
  std::vector<std::string> line = {"/usr/bin/setpriv", "--pdeathsig", "KILL", "/usr/bin/env",
                                   "SNAPLEDGER_TEST_CLOCK_FILE=" + clock_file()};
  {
    absl::MutexLock lock(&mutex_);
    if (!next_environment_.empty()) line.push_back(std::exchange(next_environment_, ""));
  }
  for (const std::string& argument :
       {options_.program, std::string("serve"), std::string("--insecure"), std::string("--listen"),
        std::string("127.0.0.1:0"), std::string("--http-listen"), std::string("127.0.0.1:0"),
        std::string("--database"),
        absl::StrCat("postgresql://snapledger@127.0.0.1:", to_database_.port(),
                     "/snapledger?sslmode=disable&gssencmode=disable"),
        std::string("--snap-url"), absl::StrCat("https://127.0.0.1:", to_snap_.port()),
        std::string("--ready-file"), absl::StrCat(options_.folder, "/", options_.name, ".json")}) {
    line.push_back(argument);
  }
  line.insert(line.end(), options_.arguments.begin(), options_.arguments.end());
  return line;
}

}  // namespace snapledger::chaos
