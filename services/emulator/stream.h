#pragma once

#include <openssl/ssl.h>

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/emulator/stop_signal.h"

namespace snapledger::emulator {

// One accepted connection, in the clear or under TLS, with the raw control that faults need. Every
// wait ends early when the stop signal is raised. For one thread.
class Stream {
 public:
  // Takes over `fd`. `stop` must outlive this.
  Stream(int fd, const StopSignal& stop);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Puts TLS on the connection, as the server.
  absl::Status Handshake(SSL_CTX* context, absl::Duration timeout);

  // Some bytes, at least one; 0 when the peer has ended its side. Fails after the timeout, on a
  // broken connection and on the stop signal.
  absl::StatusOr<size_t> Read(char* buffer, size_t size, absl::Duration timeout);

  // All bytes handed to the socket, or an error. The timeout is for each step forward.
  absl::Status Write(absl::string_view bytes, absl::Duration timeout);

  // Waits without reading. True if the whole time passed, false if the peer left or on stop.
  bool Linger(absl::Duration duration);
  // Waits until the peer has sent something or left. False after the timeout or on stop.
  bool AwaitReadable(absl::Duration timeout);
  // The peer has closed or reset the connection, as far as the kernel knows.
  bool PeerGone();

  // Ends the connection: with a TLS close and a FIN, or with a RST.
  void Close();
  void Reset();

 private:
  enum class Ready { kYes, kTimeout, kStopped };

  Ready Poll(short events, absl::Duration timeout);
  absl::Status AwaitStep(int ssl_error, absl::Duration timeout);

  int fd_;
  const StopSignal& stop_;
  SSL* ssl_ = nullptr;
};

}  // namespace snapledger::emulator
