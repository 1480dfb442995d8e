#include "services/base/periodic.h"

#include <pthread.h>
#include <sched.h>

#include <utility>

namespace snapledger::base {
namespace {

// The thread runs where a processor has nothing else to do, and stops at once when it has. Any
// process may ask for it. At the least priority alone (nice 19) Linux lets a thread that runs end
// its slice, some milliseconds, before one that was woken.
void GiveWay() {
  const sched_param priority = {};
  sched_setscheduler(/*pid=*/0, SCHED_IDLE, &priority);  // 0: the calling thread
}

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
  if (options_.gives_way) GiveWay();
  while (true) {
    run_once_();
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &Periodic::NudgedOrStopping), options_.interval);
    if (stopping_) return;
    nudged_ = false;
  }
}

}  // namespace snapledger::base
