#include "tests/simulation/scheduler.h"

#include <sys/mman.h>

#include <algorithm>

#include "services/base/check.h"

namespace snapledger::simulation {
namespace {

constexpr size_t kStackBytes = size_t{256} << 10;

// Stacks are used again by later tasks, of later simulations too: mapping them costs more than a
// task.
std::vector<char*>& FreeStacks() {
  static thread_local std::vector<char*> stacks;
  return stacks;
}

char* TakeStack() {
  std::vector<char*>& free = FreeStacks();
  if (!free.empty()) {
    char* const stack = free.back();
    free.pop_back();
    return stack;
  }
  void* const mapped = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  SNAPLEDGER_CHECK(mapped != MAP_FAILED);
  return static_cast<char*>(mapped);
}

}  // namespace

void Scheduler::KillAll() {
  for (const auto& task : tasks_) killed_.insert(task->process);
  while (!due_.empty()) {
    Task* const task = due_.begin()->second;
    due_.erase(due_.begin());
    Resume(task);
  }
}

void Scheduler::Spawn(Process process, absl::Duration delay, std::function<void()> body) {
  auto task = std::make_unique<Task>();
  task->process = process;
  task->body = std::move(body);
  task->stack = TakeStack();
  getcontext(&task->context);
  task->context.uc_stack.ss_sp = task->stack;
  task->context.uc_stack.ss_size = kStackBytes;
  task->context.uc_link = &main_;
  const auto address = reinterpret_cast<uintptr_t>(this);
  makecontext(&task->context, reinterpret_cast<void (*)()>(&Scheduler::Enter), 2,
              static_cast<unsigned int>(address >> 32), static_cast<unsigned int>(address));
  Schedule(task.get(), now_ + delay);
  tasks_.push_back(std::move(task));
}

void Scheduler::Enter(unsigned int high, unsigned int low) {
  auto* const scheduler =
      reinterpret_cast<Scheduler*>(static_cast<uintptr_t>(high) << 32 | uintptr_t{low});
  Task* const task = scheduler->running_;
  try {
    if (scheduler->Alive(task->process)) task->body();
  } catch (const ProcessKilled&) {
    // The end of a killed process is an end like any other.
  }
  task->body = nullptr;
  task->done = true;
}

void Scheduler::Kill(Process process) {
  killed_.insert(process);
  if (running_ != nullptr && running_->process == process) throw ProcessKilled();
}

void Scheduler::Schedule(Task* task, absl::Duration at) { due_[{at, random_()}] = task; }

void Scheduler::Resume(Task* task) {
  running_ = task;
  swapcontext(&main_, &task->context);
  running_ = nullptr;
  if (!task->done) return;
  FreeStacks().push_back(task->stack);
  const auto found = std::find_if(tasks_.begin(), tasks_.end(),
                                  [task](const auto& other) { return other.get() == task; });
  tasks_.erase(found);
}

void Scheduler::Sleep(absl::Duration duration) {
  Task* const task = running_;
  if (!Alive(task->process)) throw ProcessKilled();
  Schedule(task, now_ + std::max(duration, absl::ZeroDuration()));
  swapcontext(&task->context, &main_);
  if (!Alive(task->process)) throw ProcessKilled();
}

bool Scheduler::RunUntil(absl::Duration end, int64_t switches_max) {
  while (!due_.empty() && due_.begin()->first.first <= end) {
    if (switches_max-- == 0) return false;
    const auto next = due_.begin();
    Task* const task = next->second;
    now_ = next->first.first;
    due_.erase(next);
    Resume(task);
  }
  now_ = std::max(now_, end);
  return true;
}

}  // namespace snapledger::simulation
