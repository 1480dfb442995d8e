#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace snapledger::storage {

// A user of the operating system that a child process runs as.
struct SystemUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

absl::StatusOr<SystemUser> FindSystemUser(const std::string& name);  // NOT_FOUND
// Whom this process runs as. NOT_FOUND where the uid has no name.
absl::StatusOr<SystemUser> CurrentSystemUser();

struct ChildCommand {
  std::vector<std::string> arguments;    // the program's path first
  std::vector<std::string> environment;  // NAME=value; nothing is inherited
  // Where this process is root; otherwise the child runs as this process does.
  std::optional<SystemUser> user;
  std::string output_file;  // its standard output and error are appended here
};

// Starts a program in a session of its own, so that a terminal's Ctrl-C does not reach it, with no
// descriptor of this process. It outlives this process.
absl::StatusOr<pid_t> StartChild(const ChildCommand& command);

// The same, then waits for its end and returns its exit code. It is killed when the time is over
// (DEADLINE_EXCEEDED) and when this process ends.
absl::StatusOr<int> RunChild(const ChildCommand& command, absl::Duration time_max);

// The first of `folders` that `user` may not enter; empty where all are open to it.
absl::StatusOr<std::string> FirstClosedFolder(const SystemUser& user,
                                              const std::vector<std::string>& folders);

// A running process, ours or not, by a descriptor that stays its own when its number is reused.
class ProcessHandle {
 public:
  static absl::StatusOr<ProcessHandle> Open(pid_t pid);  // NOT_FOUND where there is none
  ProcessHandle(ProcessHandle&& other) noexcept;
  ProcessHandle& operator=(ProcessHandle&& other) noexcept;
  ~ProcessHandle();

  pid_t pid() const { return pid_; }
  int descriptor() const { return descriptor_; }
  void Signal(int signal) const;
  // Waits for its end, and takes its exit status away if it was a child. False: still running.
  bool WaitForEnd(absl::Duration time_max) const;

 private:
  ProcessHandle(pid_t pid, int descriptor) : pid_(pid), descriptor_(descriptor) {}

  pid_t pid_;
  int descriptor_;
};

}  // namespace snapledger::storage
