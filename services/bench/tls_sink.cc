#include "services/bench/tls_sink.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/bench/event_counter.h"
#include "services/emulator/certificates.h"

namespace snapledger::bench {
namespace {

constexpr int kConnectionsWaitingMax = 64;
constexpr size_t kHeaderBytesMax = 16 << 10;
constexpr size_t kReadBytes = 16 << 10;  // a TLS record
constexpr std::string_view kHeaderEnd = "\r\n\r\n";
constexpr std::string_view kLengthName = "content-length:";
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 70\r\n\r\n"
    R"({"status":"VALID","reason":"Events have been processed successfully."})";

int64_t ThreadNanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// The length of the body a request's header announces; -1 where it does not.
int64_t BodyBytes(std::string_view header) {
  const std::string lower = absl::AsciiStrToLower(base::AsAbsl(header));
  const size_t at = lower.find(kLengthName);
  if (at == std::string::npos) return -1;
  const size_t begin = at + kLengthName.size();
  int64_t bytes = -1;
  const bool readable =
      absl::SimpleAtoi(lower.substr(begin, lower.find('\r', begin) - begin), &bytes);
  return readable ? bytes : -1;
}

// One connection, from the handshake on.
class Exchange {
 public:
  Exchange(SSL_CTX* context, int socket) : ssl_(SSL_new(context)) { SSL_set_fd(ssl_, socket); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() { SSL_free(ssl_); }

  bool Handshake() { return SSL_accept(ssl_) == 1; }

  // Reads one request whole and gives the number of its events; -1 at the connection's end.
  int64_t ReadRequest() {
    size_t header_end = std::string::npos;
    while ((header_end = pending_.find(kHeaderEnd)) == std::string::npos) {
      if (pending_.size() > kHeaderBytesMax || !ReadMore()) return -1;
    }
    int64_t left = BodyBytes(std::string_view(pending_).substr(0, header_end + 2));
    if (left < 0) return -1;
    pending_.erase(0, header_end + kHeaderEnd.size());
    EventCounter counter;
    while (true) {
      const size_t part = std::min<size_t>(pending_.size(), static_cast<size_t>(left));
      counter.Add(std::string_view(pending_).substr(0, part));
      pending_.erase(0, part);
      left -= static_cast<int64_t>(part);
      if (left == 0) return counter.count();
      if (!ReadMore()) return -1;
    }
  }

  bool Answer() { return SSL_write(ssl_, kAnswer.data(), static_cast<int>(kAnswer.size())) > 0; }

 private:
  bool ReadMore() {
    const size_t size = pending_.size();
    pending_.resize(size + kReadBytes);
    const int got = SSL_read(ssl_, pending_.data() + size, kReadBytes);
    pending_.resize(size + static_cast<size_t>(std::max(got, 0)));
    return got > 0;
  }

  SSL* const ssl_;
  std::string pending_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TlsSink>> TlsSink::Start() {
  SNAPLEDGER_ASSIGN_OR_RETURN(auto certificates, emulator::Certificates::Make());
  std::unique_ptr<TlsSink> sink(new TlsSink(std::move(certificates)));
  SNAPLEDGER_RETURN_IF_ERROR(sink->Listen());
  return sink;
}

TlsSink::TlsSink(std::unique_ptr<emulator::Certificates> certificates)
    : certificates_(std::move(certificates)) {}

TlsSink::~TlsSink() {
  std::vector<std::thread> threads;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  if (listener_ >= 0) shutdown(listener_, SHUT_RDWR);
  if (acceptor_.joinable()) acceptor_.join();
  {
    absl::MutexLock lock(&mutex_);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
  if (listener_ >= 0) close(listener_);
}

const std::string& TlsSink::ca_pem() const { return certificates_->ca_pem(); }

absl::Status TlsSink::Listen() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || bind(listener_, generic, size) != 0 ||
      listen(listener_, kConnectionsWaitingMax) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    return absl::ErrnoToStatus(errno, "the sink cannot listen on loopback");
  }
  url_ = base::Concat("https://127.0.0.1:", ntohs(address.sin_port));
  acceptor_ = std::thread([this] { Accept(); });
  return absl::OkStatus();
}

void TlsSink::Accept() {
  while (true) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    absl::MutexLock lock(&mutex_);
    if (stopping_ || connection < 0) {
      if (connection >= 0) close(connection);
      return;
    }
    const int yes = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    sockets_.push_back(connection);
    threads_.emplace_back([this, connection] { Serve(connection); });
  }
}

void TlsSink::Serve(int socket) {
  Exchange exchange(certificates_->usual(), socket);
  int64_t before = 0;
  const auto note = [&](int64_t events) {
    const int64_t now = ThreadNanoseconds();
    Note(events, now - before);
    before = now;
  };
  bool open = exchange.Handshake();
  while (open) {
    const int64_t events = exchange.ReadRequest();
    if (events < 0) break;
    open = exchange.Answer();
    ++requests_;
    note(events);
  }
  note(0);
  absl::MutexLock lock(&mutex_);
  std::erase(sockets_, socket);
  close(socket);
}

void TlsSink::Note(int64_t events, int64_t nanoseconds) {
  absl::MutexLock lock(&mutex_);
  events_ += events;
  nanoseconds_ += nanoseconds;
}

bool TlsSink::AwaitEvents(int64_t count, absl::Duration time_max) {
  const auto enough = [&] { return events_ >= count; };
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(absl::Condition(&enough), time_max);
}

}  // namespace snapledger::bench
