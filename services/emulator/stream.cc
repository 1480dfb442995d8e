#include "services/emulator/stream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "services/base/check.h"
#include "services/base/status_macros.h"

namespace snapledger::emulator {

Stream::Stream(int fd, const StopSignal& stop) : fd_(fd), stop_(stop) {
  const int flags = fcntl(fd_, F_GETFL);
  fcntl(fd_, F_SETFL, flags | O_NONBLOCK);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

Stream::~Stream() { Close(); }

Stream::Ready Stream::Poll(short events, absl::Duration timeout) {
  pollfd polled[2] = {{fd_, events, 0}, {stop_.fd(), POLLIN, 0}};
  const int64_t ms = std::clamp<int64_t>(absl::ToInt64Milliseconds(timeout), 0, 1 << 30);
  int count = 0;
  do {
    count = poll(polled, 2, static_cast<int>(ms));
  } while (count < 0 && errno == EINTR);
  if (polled[1].revents != 0) return Ready::kStopped;
  return polled[0].revents != 0 ? Ready::kYes : Ready::kTimeout;
}

absl::Status Stream::AwaitStep(int ssl_error, absl::Duration timeout) {
  short events = 0;
  if (ssl_error == SSL_ERROR_WANT_READ) events = POLLIN;
  if (ssl_error == SSL_ERROR_WANT_WRITE) events = POLLOUT;
  if (events == 0) {
    ERR_clear_error();
    return absl::UnavailableError("connection broken");
  }
  switch (Poll(events, timeout)) {
    case Ready::kYes:
      return absl::OkStatus();
    case Ready::kTimeout:
      return absl::DeadlineExceededError("peer too slow");
    case Ready::kStopped:
      break;
  }
  return absl::CancelledError("stopping");
}

absl::Status Stream::Handshake(SSL_CTX* context, absl::Duration timeout) {
  ssl_ = SSL_new(context);
  SNAPLEDGER_CHECK(ssl_ != nullptr);
  SSL_set_fd(ssl_, fd_);
  SSL_set_mode(ssl_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                         SSL_MODE_RELEASE_BUFFERS);
  while (true) {
    ERR_clear_error();
    const int result = SSL_accept(ssl_);
    if (result == 1) return absl::OkStatus();
    SNAPLEDGER_RETURN_IF_ERROR(AwaitStep(SSL_get_error(ssl_, result), timeout));
  }
}

absl::StatusOr<size_t> Stream::Read(char* buffer, size_t size, absl::Duration timeout) {
  while (true) {
    int error = SSL_ERROR_WANT_READ;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      size_t count = 0;
      const int result = SSL_read_ex(ssl_, buffer, size, &count);
      if (result == 1) return count;
      error = SSL_get_error(ssl_, result);
      if (error == SSL_ERROR_ZERO_RETURN) return 0;
    } else {
      const ssize_t count = recv(fd_, buffer, size, 0);
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EAGAIN && errno != EINTR) error = SSL_ERROR_SYSCALL;
    }
    SNAPLEDGER_RETURN_IF_ERROR(AwaitStep(error, timeout));
  }
}

absl::Status Stream::Write(absl::string_view bytes, absl::Duration timeout) {
  while (!bytes.empty()) {
    int error = SSL_ERROR_WANT_WRITE;
    size_t count = 0;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      const int result = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &count);
      if (result != 1) error = SSL_get_error(ssl_, result);
    } else {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) count = static_cast<size_t>(sent);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) error = SSL_ERROR_SYSCALL;
    }
    if (count == 0) SNAPLEDGER_RETURN_IF_ERROR(AwaitStep(error, timeout));
    bytes.remove_prefix(count);
  }
  return absl::OkStatus();
}

bool Stream::Linger(absl::Duration duration) {
  return Poll(POLLRDHUP, duration) == Ready::kTimeout;
}

bool Stream::AwaitReadable(absl::Duration timeout) {
  if (ssl_ != nullptr && SSL_has_pending(ssl_) == 1) return true;
  return Poll(POLLIN | POLLRDHUP, timeout) == Ready::kYes;
}

bool Stream::PeerGone() { return Poll(POLLRDHUP, absl::ZeroDuration()) == Ready::kYes; }

void Stream::Close() {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_) == 1) SSL_shutdown(ssl_);
    ERR_clear_error();
    SSL_free(ssl_);
    ssl_ = nullptr;
  }
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void Stream::Reset() {
  const linger now = {1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  SSL_free(ssl_);
  ssl_ = nullptr;
  close(fd_);
  fd_ = -1;
}

}  // namespace snapledger::emulator
