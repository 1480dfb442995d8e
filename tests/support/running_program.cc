#include "tests/support/running_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/temporary_folder.h"

extern char** environ;

namespace snapledger::support {
namespace {

std::string ReadText(const std::string& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace

RunningProgram::RunningProgram(const std::vector<std::string>& arguments,
                               const std::string& output_file) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output_file.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.data()));
  argv.push_back(nullptr);
  const int error = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + arguments[0]);
  pid_descriptor_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

RunningProgram::~RunningProgram() {
  Kill();
  close(pid_descriptor_);
}

void RunningProgram::Signal(int signal) const {
  if (pid_ > 0) kill(pid_, signal);
}

int RunningProgram::WaitForExit(absl::Duration time_max) {
  // To wait for no process in particular would take another program's end for this one's.
  if (pid_ <= 0) return exit_code_;
  pollfd descriptor = {.fd = pid_descriptor_, .events = POLLIN};
  if (poll(&descriptor, 1, static_cast<int>(absl::ToInt64Milliseconds(time_max))) <= 0) return -1;
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) return -1;
  pid_ = -1;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

void RunningProgram::Kill() {
  if (pid_ <= 0) return;
  Signal(SIGKILL);
  WaitForExit(absl::Seconds(30));
}

std::string AwaitFile(const std::string& file, RunningProgram& program, absl::Duration time_max) {
  const int watch = inotify_init1(IN_NONBLOCK);
  inotify_add_watch(watch, std::filesystem::path(file).parent_path().c_str(),
                    IN_MOVED_TO | IN_CREATE);
  const absl::Time deadline = absl::Now() + time_max;
  while (!std::filesystem::exists(file)) {
    pollfd descriptor = {.fd = watch, .events = POLLIN};
    poll(&descriptor, 1, 200);
    char drained[4096];
    while (read(watch, drained, sizeof(drained)) > 0) {
    }
    const bool ended = program.WaitForExit(absl::ZeroDuration()) != -1;
    if (ended || absl::Now() > deadline) {
      close(watch);
      throw std::runtime_error(file + (ended ? ": its program ended" : " did not appear"));
    }
  }
  close(watch);
  return ReadText(file);
}

ProgramResult RunProgram(const std::vector<std::string>& arguments, absl::Duration time_max) {
  const TemporaryFolder folder;
  const std::string output = folder.path() + "/output";
  RunningProgram program(arguments, output);
  const int exit_code = program.WaitForExit(time_max);
  return {.exit_code = exit_code, .output = ReadText(output)};
}

}  // namespace snapledger::support
