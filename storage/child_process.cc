#include "storage/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace snapledger::storage {
namespace {

constexpr int kCannotRun = 127;

SystemUser MakeUser(const passwd& entry) { return {entry.pw_name, entry.pw_uid, entry.pw_gid}; }

// Between fork and exec of a program with threads only system calls are allowed: nothing below may
// allocate.
bool BecomeUser(const SystemUser& user) {
  return setgroups(0, nullptr) == 0 && setgid(user.gid) == 0 && setuid(user.uid) == 0;
}

void ResetSignals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
}

// What the child needs, made before the fork.
struct Prepared {
  char* const* arguments;
  char* const* environment;
  const SystemUser* user;  // or null
  int input, output;
  pid_t parent;  // 0: the child may outlive it
};

[[noreturn]] void RunProgram(const Prepared& prepared) {
  ResetSignals();
  setsid();
  if (dup2(prepared.input, 0) < 0 || dup2(prepared.output, 1) < 0 || dup2(prepared.output, 2) < 0) {
    _exit(kCannotRun);
  }
  syscall(SYS_close_range, 3U, ~0U, 0U);
  umask(077);
  if (chdir("/") != 0 || (prepared.user != nullptr && !BecomeUser(*prepared.user))) {
    _exit(kCannotRun);
  }
  // After the change of user, which would undo it; the parent may be gone already.
  if (prepared.parent != 0 &&
      (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != prepared.parent)) {
    _exit(kCannotRun);
  }
  execve(prepared.arguments[0], prepared.arguments, prepared.environment);
  _exit(kCannotRun);
}

std::vector<char*> PointersOf(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Closes when it ends.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  int value() const { return value_; }

 private:
  const int value_;
};

absl::StatusOr<pid_t> Fork(const ChildCommand& command, bool may_outlive_parent) {
  const std::vector<char*> arguments = PointersOf(command.arguments);
  const std::vector<char*> environment = PointersOf(command.environment);
  const Descriptor input(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Descriptor output(
      open(command.output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (input.value() < 0 || output.value() < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", command.output_file));
  }
  const Prepared prepared = {
      arguments.data(), environment.data(), command.user.has_value() ? &*command.user : nullptr,
      input.value(),    output.value(),     may_outlive_parent ? 0 : getpid()};
  const pid_t pid = fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "cannot start a process");
  if (pid == 0) RunProgram(prepared);
  return pid;
}

int ExitCode(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

int WaitFor(pid_t pid) {
  int wait_status = 0;
  while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR) {
  }
  return ExitCode(wait_status);
}

}  // namespace

absl::StatusOr<SystemUser> FindSystemUser(const std::string& name) {
  const passwd* entry = getpwnam(name.c_str());
  if (entry == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no system user `", name, "`"));
  }
  return MakeUser(*entry);
}

absl::StatusOr<SystemUser> CurrentSystemUser() {
  const passwd* entry = getpwuid(geteuid());
  if (entry == nullptr) {
    return absl::NotFoundError(absl::StrCat("user number ", geteuid(), " has no name"));
  }
  return MakeUser(*entry);
}

absl::StatusOr<pid_t> StartChild(const ChildCommand& command) {
  return Fork(command, /*may_outlive_parent=*/true);
}

absl::StatusOr<int> RunChild(const ChildCommand& command, absl::Duration time_max) {
  const absl::StatusOr<pid_t> pid = Fork(command, /*may_outlive_parent=*/false);
  if (!pid.ok()) return pid.status();
  const Descriptor handle(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
  pollfd waiting{handle.value(), POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(time_max))) <= 0) {
    kill(*pid, SIGKILL);
    WaitFor(*pid);
    return absl::DeadlineExceededError(absl::StrCat(command.arguments[0], " took too long"));
  }
  return WaitFor(*pid);
}

absl::StatusOr<std::string> FirstClosedFolder(const SystemUser& user,
                                              const std::vector<std::string>& folders) {
  const std::vector<char*> names = PointersOf(folders);
  const pid_t pid = fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "cannot start a process");
  if (pid == 0) {
    if (!BecomeUser(user)) _exit(kCannotRun);
    int index = 0;
    while (names[index] != nullptr && access(names[index], X_OK) == 0) ++index;
    _exit(names[index] == nullptr ? 0 : 1 + index);
  }
  const int code = WaitFor(pid);
  if (code == 0) return "";
  if (code >= kCannotRun) {
    return absl::PermissionDeniedError(absl::StrCat("cannot become system user ", user.name));
  }
  return folders[static_cast<size_t>(code - 1)];
}

absl::StatusOr<ProcessHandle> ProcessHandle::Open(pid_t pid) {
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (descriptor < 0) return absl::NotFoundError(absl::StrCat("there is no process ", pid));
  return ProcessHandle(pid, descriptor);
}

ProcessHandle::ProcessHandle(ProcessHandle&& other) noexcept
    : pid_(other.pid_), descriptor_(std::exchange(other.descriptor_, -1)) {}

ProcessHandle& ProcessHandle::operator=(ProcessHandle&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

ProcessHandle::~ProcessHandle() {
  if (descriptor_ >= 0) close(descriptor_);
}

void ProcessHandle::Signal(int signal) const {
  syscall(SYS_pidfd_send_signal, descriptor_, signal, nullptr, 0);
}

bool ProcessHandle::WaitForEnd(absl::Duration time_max) const {
  const absl::Time end = absl::Now() + time_max;
  for (;;) {
    const absl::Duration left = std::max(absl::ZeroDuration(), end - absl::Now());
    pollfd waiting{descriptor_, POLLIN, 0};
    const int ready =
        poll(&waiting, 1,
             static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1)))));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    waitpid(pid_, nullptr, WNOHANG);
    return true;
  }
}

}  // namespace snapledger::storage
