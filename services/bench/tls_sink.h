#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace snapledger::emulator {
class Certificates;
}

namespace snapledger::bench {

// Stands for Snap at the least cost that is honest: real TLS, HTTP/1.1 with keep-alive, every byte
// of a body read, every request answered VALID. A thread per connection. It looks at a body only to
// count the events in it. Thread-safe.
class TlsSink {
 public:
  static absl::StatusOr<std::unique_ptr<TlsSink>> Start();
  TlsSink(const TlsSink&) = delete;
  TlsSink& operator=(const TlsSink&) = delete;
  ~TlsSink();

  const std::string& url() const { return url_; }  // https://127.0.0.1:PORT
  const std::string& ca_pem() const;               // the authority that signed its certificate
  int64_t events() const { return events_; }       // received so far
  int64_t requests() const { return requests_; }
  // Processor time of the sink's own threads so far.
  double Seconds() const { return static_cast<double>(nanoseconds_) / 1e9; }
  // Waits until `count` events came in all; false when the time is up.
  bool AwaitEvents(int64_t count, absl::Duration time_max);

 private:
  explicit TlsSink(std::unique_ptr<emulator::Certificates> certificates);
  absl::Status Listen();
  void Accept();
  void Serve(int socket);
  void Note(int64_t events, int64_t nanoseconds);

  const std::unique_ptr<emulator::Certificates> certificates_;
  std::string url_;
  int listener_ = -1;
  std::thread acceptor_;
  absl::Mutex mutex_;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> sockets_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<int64_t> events_ = 0;
  std::atomic<int64_t> requests_ = 0;
  std::atomic<int64_t> nanoseconds_ = 0;
};

}  // namespace snapledger::bench
