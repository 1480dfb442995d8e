#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace snapledger::support {

// A program of ours started by a test; killed when this ends, if it still runs.
class RunningProgram {
 public:
  // `arguments` begins with the program's path. Its output goes to `output_file`. Throws
  // std::runtime_error where it cannot be started.
  RunningProgram(const std::vector<std::string>& arguments, const std::string& output_file);
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  ~RunningProgram();

  pid_t pid() const { return pid_; }
  void Signal(int signal) const;
  // Its exit code, or 128 + the signal that ended it, as often as it is asked for; -1: still
  // running after `time_max`.
  int WaitForExit(absl::Duration time_max);
  // SIGKILL, and waits until it is gone.
  void Kill();

 private:
  pid_t pid_ = -1;  // until its end was waited for
  int exit_code_ = -1;
  int pid_descriptor_ = -1;
};

// Waits until `file` appears, which its writer puts in place whole, and returns its text. Throws
// std::runtime_error when it does not within `time_max`, or when `program` ends first.
std::string AwaitFile(const std::string& file, RunningProgram& program, absl::Duration time_max);

// Runs a program to its end: its exit code (-1: killed after `time_max`) and standard output.
struct ProgramResult {
  int exit_code = -1;
  std::string output;
};
ProgramResult RunProgram(const std::vector<std::string>& arguments, absl::Duration time_max);

}  // namespace snapledger::support
