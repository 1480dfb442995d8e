#pragma once

namespace snapledger::app {

// Waits for SIGTERM or SIGINT; the second one ends the process at once, with kSecondSignalExit.
// One per process.
class StopSignal {
 public:
  static constexpr int kSecondSignalExit = 1;

  // Takes the signals from here on.
  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Returns once the first came.
  void Wait();
};

}  // namespace snapledger::app
