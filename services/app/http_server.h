#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/base/metrics.h"

namespace snapledger::app {

// Serves /metrics (Prometheus' text form) and /healthz (200 while the process accepts work, else
// 503) over plain HTTP, on threads of its own.
class HttpServer {
 public:
  // Listens on HOST:PORT; port 0 picks one. `metrics` must outlive this; `ready` is called on any
  // thread. UNAVAILABLE where the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& listen,
                                                           const base::Metrics& metrics,
                                                           std::function<bool()> ready);
  // Answers what is under way and stops.
  ~HttpServer();

  // HOST:PORT with the port that was picked.
  const std::string& address() const { return address_; }

 private:
  class Listener;
  HttpServer(std::unique_ptr<Listener> listener, std::string address);

  const std::unique_ptr<Listener> listener_;
  const std::string address_;
};

}  // namespace snapledger::app
