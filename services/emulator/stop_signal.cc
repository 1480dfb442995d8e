#include "services/emulator/stop_signal.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "services/base/check.h"

namespace snapledger::emulator {

StopSignal::StopSignal() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  SNAPLEDGER_CHECK(fd_ >= 0);
}

StopSignal::~StopSignal() { close(fd_); }

void StopSignal::Raise() {
  const uint64_t one = 1;
  SNAPLEDGER_CHECK(write(fd_, &one, sizeof(one)) == sizeof(one));
}

}  // namespace snapledger::emulator
