#pragma once

namespace snapledger::emulator {

// Ends every wait of the emulator at once. Thread-safe.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  void Raise();
  // Readable from Raise() on; for poll.
  int fd() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace snapledger::emulator
