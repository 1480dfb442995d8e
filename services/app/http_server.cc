#include "services/app/http_server.h"

#include <httplib.h>

#include <string>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "services/base/text.h"

namespace snapledger::app {
namespace {

constexpr size_t kRequestBytesMax = 64 << 10;
constexpr int kThreads = 2;
constexpr char kPlainText[] = "text/plain";
constexpr char kExpositionType[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

class HttpServer::Listener {
 public:
  Listener(const base::Metrics& metrics, std::function<bool()> ready) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_payload_max_length(kRequestBytesMax);
    // SO_REUSEPORT, which the library sets by default, would let two processes share one port.
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server_.Get("/metrics", [&metrics](const httplib::Request&, httplib::Response& response) {
      response.set_content(metrics.Exposition(), kExpositionType);
    });
    server_.Get("/healthz",
                [ready = std::move(ready)](const httplib::Request&, httplib::Response& response) {
                  const bool accepts = ready();
                  response.status = accepts ? 200 : 503;
                  response.set_content(accepts ? "ok\n" : "not ready\n", kPlainText);
                });
  }

  ~Listener() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  // The port; 0 where it cannot be listened on.
  int Bind(const std::string& host, int port) {
    if (port == 0) return std::max(server_.bind_to_any_port(host), 0);
    return server_.bind_to_port(host, port) ? port : 0;
  }

  void Listen() {
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() before the loop runs would be lost.
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

 private:
  httplib::Server server_;
  std::thread thread_;
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& listen,
                                                              const base::Metrics& metrics,
                                                              std::function<bool()> ready) {
  const size_t colon = listen.rfind(':');
  const std::string host = listen.substr(0, colon);
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port)) {
    return absl::InvalidArgumentError("--http-listen must be HOST:PORT");
  }
  auto listener = std::make_unique<Listener>(metrics, std::move(ready));
  const bool bracketed = host.size() > 2 && host.front() == '[';
  const int bound = listener->Bind(bracketed ? host.substr(1, host.size() - 2) : host, port);
  if (bound == 0) {
    return absl::UnavailableError(
        base::Concat("cannot listen on ", listen, ": is the address right and the port free?"));
  }
  listener->Listen();
  return std::unique_ptr<HttpServer>(
      new HttpServer(std::move(listener), base::Concat(host, ":", bound)));
}

HttpServer::HttpServer(std::unique_ptr<Listener> listener, std::string address)
    : listener_(std::move(listener)), address_(std::move(address)) {}

HttpServer::~HttpServer() = default;

}  // namespace snapledger::app
