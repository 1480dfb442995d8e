#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "services/emulator/stop_signal.h"
#include "services/emulator/stream.h"

namespace snapledger::emulator {

// A loopback listening socket with a thread for each connection. Thread-safe.
class Listener {
 public:
  using Serve = std::function<void(Stream&)>;

  struct Options {
    std::string address;  // HOST:PORT; port 0 picks one
    int connections_max = 1024;
  };

  // Refuses an address that is not on the loopback. `stop` must outlive this; `serve` runs on the
  // connection's thread, with SIGPIPE blocked.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(const Options& options,
                                                        const StopSignal& stop, Serve serve);
  // Waits for the connections to end; the stop signal must have been raised.
  ~Listener();

  // HOST:PORT with the port in use, as it stands in a URL.
  const std::string& address() const { return address_; }

 private:
  struct Connection {
    std::thread thread;
    std::atomic<bool> done = false;
  };

  Listener(int fd, std::string address, int connections_max, const StopSignal& stop, Serve serve);
  void Accept();
  void Start(int fd);
  // Joins the threads of connections that have ended.
  void Reap() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int fd_;
  const std::string address_;
  const size_t connections_max_;
  const StopSignal& stop_;
  const Serve serve_;
  absl::Mutex mutex_;
  std::list<Connection> connections_ ABSL_GUARDED_BY(mutex_);
  std::thread acceptor_;
};

}  // namespace snapledger::emulator
