#include "services/base/periodic.h"

#include <pthread.h>
#include <sys/resource.h>

#include <utility>

namespace snapledger::base {
namespace {

constexpr int kLeastPriority = 19;

}  // namespace

Periodic::Periodic(Options options, std::function<void()> run_once)
    : options_(std::move(options)), run_once_(std::move(run_once)), thread_([this] { Run(); }) {}

Periodic::~Periodic() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Periodic::Nudge() {
  absl::MutexLock lock(&mutex_);
  nudged_ = true;
}

void Periodic::Run() {
  pthread_setname_np(pthread_self(), options_.name.substr(0, 15).c_str());
  // Of this thread: on Linux a priority is a thread's own.
  if (options_.gives_way) setpriority(PRIO_PROCESS, /*who=*/0, kLeastPriority);
  while (true) {
    run_once_();
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &Periodic::NudgedOrStopping), options_.interval);
    if (stopping_) return;
    nudged_ = false;
  }
}

}  // namespace snapledger::base
