#include "services/app/stop_signal.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "services/base/check.h"

namespace snapledger::app {
namespace {

int signal_pipe[2] = {-1, -1};
volatile sig_atomic_t signal_seen = 0;

void HandleSignal(int) {
  const int saved_errno = errno;
  if (signal_seen != 0) _exit(StopSignal::kSecondSignalExit);
  signal_seen = 1;
  [[maybe_unused]] const ssize_t written = write(signal_pipe[1], "s", 1);
  errno = saved_errno;
}

}  // namespace

StopSignal::StopSignal() {
  SNAPLEDGER_CHECK(pipe2(signal_pipe, O_CLOEXEC) == 0);
  struct sigaction action {};
  action.sa_handler = HandleSignal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  SNAPLEDGER_CHECK(sigaction(SIGTERM, &action, nullptr) == 0);
  SNAPLEDGER_CHECK(sigaction(SIGINT, &action, nullptr) == 0);
  // A peer that goes away is an error of its call, never the end of the process.
  SNAPLEDGER_CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
}

void StopSignal::Wait() {
  char byte = 0;
  while (read(signal_pipe[0], &byte, 1) < 0 && errno == EINTR) {
  }
}

}  // namespace snapledger::app
