#include "tests/support/scripted_https_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "services/base/check.h"
#include "services/base/text.h"

namespace snapledger::support {
namespace {

constexpr char kAddress[] = "127.0.0.1";
constexpr std::string_view kEndOfHead = "\r\n\r\n";

size_t ContentLength(std::string_view head) {
  constexpr std::string_view kName = "content-length:";
  const std::string lower = absl::AsciiStrToLower(base::AsAbsl(head));
  const size_t start = lower.find(kName);
  size_t length = 0;
  if (start == std::string::npos) return 0;
  const size_t end = lower.find("\r\n", start);
  const std::string value = lower.substr(start + kName.size(), end - start - kName.size());
  return absl::SimpleAtoi(value, &length) ? length : 0;
}

// A write to a connection the client has left must not end the test; the client under test runs
// without this.
void IgnoreBrokenPipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  SNAPLEDGER_CHECK(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
}

}  // namespace

ScriptedConnection::ScriptedConnection(ScriptedHttpsServer& server, int number, int socket)
    : server_(server), number_(number), socket_(socket) {}

ScriptedConnection::~ScriptedConnection() { SSL_free(ssl_); }

bool ScriptedConnection::ShakeHands() {
  ssl_ = SSL_new(server_.context_);
  SNAPLEDGER_CHECK(ssl_ != nullptr && SSL_set_fd(ssl_, socket_) == 1);
  return SSL_accept(ssl_) == 1;
}

std::optional<std::string> ScriptedConnection::ReadHead() {
  while (unread_.find(kEndOfHead) == std::string::npos) {
    if (!ReadMore()) return std::nullopt;
  }
  const size_t bytes = unread_.find(kEndOfHead) + kEndOfHead.size();
  std::string head = unread_.substr(0, bytes);
  unread_.erase(0, bytes);
  server_.RecordHead(number_, head);
  return head;
}

std::optional<ScriptedArrival> ScriptedConnection::ReadRequest() {
  std::optional<std::string> head = ReadHead();
  if (!head.has_value()) return std::nullopt;
  const size_t length = ContentLength(*head);
  while (unread_.size() < length) {
    if (!ReadMore()) return std::nullopt;
  }
  ScriptedArrival arrival{number_, *std::move(head), unread_.substr(0, length)};
  unread_.erase(0, length);
  server_.RecordBody(number_, arrival.body);
  return arrival;
}

void ScriptedConnection::Write(std::string_view bytes) {
  // The client may have left; what it then makes of that is what the test looks at.
  SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
}

void ScriptedConnection::WaitUntilClientLeaves() {
  if (ssl_ == nullptr) {
    std::array<char, 4096> bytes{};
    while (recv(socket_, bytes.data(), bytes.size(), 0) > 0) {
    }
    return;
  }
  while (ReadMore()) unread_.clear();
}

void ScriptedConnection::CloseCleanly() {
  if (std::exchange(ended_, true)) return;
  if (ssl_ != nullptr) SSL_shutdown(ssl_);
  shutdown(socket_, SHUT_WR);
}

void ScriptedConnection::Cut() {
  ended_ = true;
  shutdown(socket_, SHUT_RDWR);
}

// The reset goes out when the socket is closed.
void ScriptedConnection::Reset() {
  ended_ = true;
  const linger now{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

bool ScriptedConnection::ReadMore() {
  std::array<char, 65536> bytes{};
  const int got = SSL_read(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  if (got <= 0) return false;
  unread_.append(bytes.data(), static_cast<size_t>(got));
  return true;
}

ScriptedHttpsServer::ScriptedHttpsServer(Script script, Handshake handshake)
    : script_(std::move(script)),
      handshake_(handshake),
      certificate_(kAddress),
      context_(SSL_CTX_new(TLS_server_method())) {
  SNAPLEDGER_CHECK(context_ != nullptr);
  certificate_.Use(context_);
  Listen();
  acceptor_ = std::thread([this] { Accept(); });
}

ScriptedHttpsServer::~ScriptedHttpsServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  std::vector<std::thread> threads;
  {
    absl::MutexLock lock(&mutex_);
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
  SSL_CTX_free(context_);
}

std::string ScriptedHttpsServer::base_url() const {
  return base::Concat("https://", kAddress, ":", port_);
}

int ScriptedHttpsServer::connection_count() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(threads_.size());
}

std::vector<ScriptedArrival> ScriptedHttpsServer::arrivals() const {
  absl::MutexLock lock(&mutex_);
  return arrivals_;
}

void ScriptedHttpsServer::Listen() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  SNAPLEDGER_CHECK(listener_ >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  SNAPLEDGER_CHECK(bind(listener_, raw, size) == 0 && listen(listener_, SOMAXCONN) == 0);
  SNAPLEDGER_CHECK(getsockname(listener_, raw, &size) == 0);
  port_ = ntohs(address.sin_port);
}

void ScriptedHttpsServer::Accept() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    absl::MutexLock lock(&mutex_);
    sockets_.push_back(socket);
    const int number = static_cast<int>(threads_.size()) + 1;
    threads_.emplace_back([this, number, socket] { Serve(number, socket); });
  }
}

void ScriptedHttpsServer::Serve(int number, int socket) {
  IgnoreBrokenPipe();
  {
    ScriptedConnection connection(*this, number, socket);
    if (handshake_ == Handshake::kLeftToScript || connection.ShakeHands()) script_(connection);
    connection.CloseCleanly();
  }
  absl::MutexLock lock(&mutex_);
  std::erase(sockets_, socket);
  close(socket);
}

void ScriptedHttpsServer::RecordHead(int connection, const std::string& head) {
  absl::MutexLock lock(&mutex_);
  arrivals_.push_back({connection, head, ""});
}

void ScriptedHttpsServer::RecordBody(int connection, const std::string& body) {
  absl::MutexLock lock(&mutex_);
  const auto arrival =
      std::find_if(arrivals_.rbegin(), arrivals_.rend(),
                   [connection](const ScriptedArrival& a) { return a.connection == connection; });
  arrival->body = body;
}

}  // namespace snapledger::support
