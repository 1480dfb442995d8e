#include "services/bench/interruption.h"

#include <signal.h>

namespace snapledger::bench {
namespace {

volatile sig_atomic_t interrupted = 0;

void HandleSignal(int) { interrupted = 1; }

}  // namespace

void CatchInterruption() {
  struct sigaction action {};
  action.sa_handler = HandleSignal;
  sigemptyset(&action.sa_mask);
  // The second one ends the process at once.
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

bool Interrupted() { return interrupted != 0; }

}  // namespace snapledger::bench
