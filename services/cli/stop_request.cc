#include "services/cli/stop_request.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "services/base/check.h"

namespace snapledger::cli {
namespace {

int stop_event = -1;

void HandleSignal(int) {
  const int saved_errno = errno;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_event, &one, sizeof one);
  errno = saved_errno;
}

}  // namespace

StopRequest::StopRequest() {
  stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  SNAPLEDGER_CHECK(stop_event >= 0);
  struct sigaction action {};
  action.sa_handler = HandleSignal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  SNAPLEDGER_CHECK(sigaction(SIGTERM, &action, nullptr) == 0);
  SNAPLEDGER_CHECK(sigaction(SIGINT, &action, nullptr) == 0);
}

// The event is never taken back, so that everybody who waits sees it.
bool StopRequest::Await(absl::Duration time_max) const {
  struct pollfd event = {.fd = stop_event, .events = POLLIN, .revents = 0};
  return poll(&event, 1, static_cast<int>(absl::ToInt64Milliseconds(time_max))) == 1;
}

}  // namespace snapledger::cli
