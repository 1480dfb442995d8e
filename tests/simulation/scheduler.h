#pragma once

#include <ucontext.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "tests/simulation/random.h"

namespace snapledger::simulation {

// Thrown out of Sleep in a task whose process was killed: its stack unwinds, nothing of it goes on.
struct ProcessKilled {};

// Runs the tasks of simulated processes one at a time, in virtual time. Every task has a stack of
// its own and gives way only in Sleep, so that the product's own blocking code runs as it is. What
// is due at the same moment runs in an order drawn from the seed. Deterministic; single-threaded.
class Scheduler {
 public:
  using Process = int;

  // `random` must outlive this.
  explicit Scheduler(Random& random) : random_(random) {}
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  ~Scheduler() { KillAll(); }

  Process StartProcess() { return next_process_++; }
  // Starts a task of a process after `delay`.
  void Spawn(Process process, absl::Duration delay, std::function<void()> body);
  // Ends the process: its tasks get ProcessKilled where they sleep, at once in the calling task.
  void Kill(Process process);
  // Ends every process, from outside of any task: what their stacks refer to may go after it.
  void KillAll();
  bool Alive(Process process) const { return !killed_.contains(process); }

  // Of the running task.
  Process current() const { return running_->process; }
  bool in_task() const { return running_ != nullptr; }
  // Lets virtual time pass and others run. Throws ProcessKilled.
  void Sleep(absl::Duration duration);

  // Since the simulation began.
  absl::Duration Now() const { return now_; }
  // Runs what is due until `end` or until no task is left; more switches than `switches_max` end it
  // too. Returns whether it came to the end.
  bool RunUntil(absl::Duration end, int64_t switches_max);

 private:
  struct Task {
    Process process = 0;
    std::function<void()> body;
    ucontext_t context{};
    char* stack = nullptr;
    bool done = false;
  };
  using DueKey = std::pair<absl::Duration, uint64_t>;  // when, and the drawn order

  static void Enter(unsigned int high, unsigned int low);
  void Schedule(Task* task, absl::Duration at);
  void Resume(Task* task);

  Random& random_;
  absl::Duration now_ = absl::ZeroDuration();
  std::map<DueKey, Task*> due_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::set<Process> killed_;
  Task* running_ = nullptr;
  ucontext_t main_{};
  Process next_process_ = 1;
};

}  // namespace snapledger::simulation
