#include "services/emulator/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"

namespace snapledger::emulator {
namespace {

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

bool IsLoopback(const Address& address) {
  if (address.bytes.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address.bytes);
    return (ntohl(in.sin_addr.s_addr) >> 24) == 127;
  }
  const auto& in6 = reinterpret_cast<const sockaddr_in6&>(address.bytes);
  return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
}

absl::StatusOr<Address> Resolve(absl::string_view host_port) {
  const size_t colon = host_port.rfind(':');
  if (colon == absl::string_view::npos || colon == 0) {
    return absl::InvalidArgumentError(absl::StrCat("'", host_port, "' is not HOST:PORT"));
  }
  std::string host(host_port.substr(0, colon));
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const std::string port(host_port.substr(colon + 1));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot listen on '", host_port, "': ", gai_strerror(error)));
  }
  Address address;
  std::memcpy(&address.bytes, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  freeaddrinfo(found);
  if (!IsLoopback(address)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", host_port,
                     "' is not a loopback address; the emulator serves only its "
                     "own machine"));
  }
  return address;
}

std::string AddressText(int fd) {
  Address address;
  address.size = sizeof(address.bytes);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address.bytes), &address.size);
  char host[INET6_ADDRSTRLEN] = {};
  if (address.bytes.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address.bytes);
    inet_ntop(AF_INET, &in.sin_addr, host, sizeof(host));
    return absl::StrCat(host, ":", ntohs(in.sin_port));
  }
  const auto& in6 = reinterpret_cast<const sockaddr_in6&>(address.bytes);
  inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof(host));
  return absl::StrCat("[", host, "]:", ntohs(in6.sin6_port));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(const Options& options,
                                                         const StopSignal& stop, Serve serve) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const Address address, Resolve(options.address));
  const int fd = socket(address.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address.bytes), address.size) != 0 ||
      listen(fd, 1024) != 0) {
    const int error = errno;
    if (fd >= 0) close(fd);
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", options.address, ": ", std::strerror(error)));
  }
  return std::unique_ptr<Listener>(
      new Listener(fd, AddressText(fd), options.connections_max, stop, std::move(serve)));
}

Listener::Listener(int fd, std::string address, int connections_max, const StopSignal& stop,
                   Serve serve)
    : fd_(fd),
      address_(std::move(address)),
      connections_max_(static_cast<size_t>(connections_max)),
      stop_(stop),
      serve_(std::move(serve)),
      acceptor_([this] { Accept(); }) {}

Listener::~Listener() {
  acceptor_.join();
  close(fd_);
  absl::MutexLock lock(&mutex_);
  for (Connection& connection : connections_) connection.thread.join();
}

void Listener::Accept() {
  // OpenSSL writes to sockets without MSG_NOSIGNAL; connection threads inherit the mask.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (true) {
    pollfd polled[2] = {{fd_, POLLIN, 0}, {stop_.fd(), POLLIN, 0}};
    if (poll(polled, 2, -1) < 0 && errno != EINTR) return;
    if (polled[1].revents != 0) return;
    const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      Start(fd);
    } else if (errno == EMFILE || errno == ENFILE) {
      // The connection stays acceptable; polling again at once would spin.
      poll(&polled[1], 1, 10);
    }
  }
}

void Listener::Start(int fd) {
  absl::MutexLock lock(&mutex_);
  Reap();
  if (connections_.size() >= connections_max_) {
    close(fd);
    return;
  }
  Connection& connection = connections_.emplace_back();
  connection.thread = std::thread([this, fd, &connection] {
    {
      Stream stream(fd, stop_);
      serve_(stream);
    }
    connection.done = true;
  });
}

void Listener::Reap() {
  for (auto it = connections_.begin(); it != connections_.end();) {
    if (it->done) {
      it->thread.join();
      it = connections_.erase(it);
    } else {
      ++it;
    }
  }
}

}  // namespace snapledger::emulator
