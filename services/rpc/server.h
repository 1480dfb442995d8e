#pragma once

#include <grpcpp/server.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace snapledger::rpc {

// The gRPC listener: the given services beside grpc.health.v1 and reflection, within the limits
// docs/configuration.md lists. Thread-safe.
//
// Health: "" is the process itself; each service's name says whether it accepts work. While
// draining both are NOT_SERVING.
class Server {
 public:
  // Listens in plaintext on HOST:PORT; port 0 picks one. `services` must outlive this. UNAVAILABLE
  // where the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const std::string& listen,
                                                       const std::vector<grpc::Service*>& services);

  // HOST:PORT with the port that was picked.
  const std::string& address() const { return address_; }

  // Tells health whether the services accept work. Without effect once Drain was called.
  void SetReady(bool ready);

  // Tells health that this process goes away.
  void Drain();

  // Takes no more calls, waits for those in flight and cancels what is left after `patience`.
  // Returns once none is left.
  void Stop(absl::Duration patience);

 private:
  Server(std::unique_ptr<grpc::Server> server, std::string address);

  std::unique_ptr<grpc::Server> server_;
  const std::string address_;
};

// The most one message may hold: twice what a call may, so that the caller gets our error.
inline constexpr int kReceiveBytesMax = 16 << 20;

}  // namespace snapledger::rpc
