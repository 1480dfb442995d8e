#include "tests/chaos/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "tests/chaos/postgres_frames.h"

namespace snapledger::chaos {
namespace {

constexpr size_t kQueueBytesMax = 1 << 20;
constexpr size_t kReadBytes = 64 << 10;
constexpr int kListenBacklog = 512;
constexpr int kIdlePollMs = 1000;

void CloseWithReset(int descriptor) {
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(descriptor);
}

int ConnectUnix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return -1;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    return descriptor;
  }
  close(descriptor);
  return -1;
}

int ConnectTcp(const std::string& target) {
  const size_t colon = target.rfind(':');
  int port = 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (colon == std::string::npos || !absl::SimpleAtoi(target.substr(colon + 1), &port) ||
      inet_pton(AF_INET, target.substr(0, colon).c_str(), &address.sin_addr) != 1) {
    return -1;
  }
  address.sin_port = htons(static_cast<uint16_t>(port));
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int no_delay = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  // A connection that is still being made shows its end, good or bad, when it is polled.
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ||
      errno == EINPROGRESS) {
    return descriptor;
  }
  close(descriptor);
  return -1;
}

}  // namespace

// What came in at one end and has not gone out at the other.
struct Relay::Flow {
  struct Chunk {
    absl::Time due;
    std::string bytes;
  };

  bool WantsMore() const { return !ended && queued < kQueueBytesMax; }
  bool HasDue(absl::Time now) const { return !queue.empty() && queue.front().due <= now; }
  // False where the far end is gone.
  bool Send(int descriptor, absl::Time now) {
    while (HasDue(now)) {
      std::string& bytes = queue.front().bytes;
      const ssize_t sent = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN || errno == EINTR;
      queued -= static_cast<size_t>(sent);
      bytes.erase(0, static_cast<size_t>(sent));
      if (!bytes.empty()) return true;
      queue.pop_front();
    }
    if (ended && queue.empty() && !passed_end && !end_lost) {
      shutdown(descriptor, SHUT_WR);
      passed_end = true;
    }
    return true;
  }

  std::deque<Chunk> queue;
  size_t queued = 0;
  bool ended = false;       // its source said that no more comes
  bool passed_end = false;  // and the far end was told
  bool end_lost = false;
  bool has_hole = false;
};

// What one call of poll is about: the listener, the wake-up, then two descriptors a connection.
struct Relay::PollSet {
  std::vector<pollfd> descriptors;
  std::vector<const Connection*> connections;
};

struct Relay::Connection {
  int client = -1;
  int server = -1;
  std::array<Flow, 2> flows;  // by Direction
  CommitWatch commits;
  AnswerWatch answers;
  bool loses_commit_answer = false;

  Flow& flow(Direction direction) { return flows[static_cast<size_t>(direction)]; }
};

Relay::Relay(Protocol protocol) : protocol_(protocol) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      listen(listener_, kListenBacklog) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("a relay cannot listen");
  }
  port_ = ntohs(address.sin_port);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  thread_ = std::thread([this] { Run(); });
}

Relay::~Relay() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
  for (const auto& connection : connections_) Reset(*connection);
  close(listener_);
  close(wake_);
}

void Relay::Wake() const {
  const uint64_t one = 1;
  (void)!write(wake_, &one, sizeof one);
}

void Relay::SetTarget(const std::string& target) {
  absl::MutexLock lock(&mutex_);
  target_ = target;
}

int Relay::Cut() {
  absl::MutexLock lock(&mutex_);
  const int count = static_cast<int>(connections_.size());
  for (const auto& connection : connections_) Reset(*connection);
  connections_.clear();
  Wake();
  return count;
}

void Relay::SetRefusing(bool refusing) {
  absl::MutexLock lock(&mutex_);
  refusing_ = refusing;
}

void Relay::SetDelay(absl::Duration delay) {
  absl::MutexLock lock(&mutex_);
  delay_ = delay;
}

void Relay::SetLoss(Direction direction, bool on) {
  absl::MutexLock lock(&mutex_);
  loses_[static_cast<size_t>(direction)] = on;
  if (on) return;
  connections_.remove_if([direction](const std::unique_ptr<Connection>& connection) {
    if (!connection->flow(direction).has_hole) return false;
    Reset(*connection);
    return true;
  });
  Wake();
}

void Relay::LoseCommitAnswers(int count) {
  absl::MutexLock lock(&mutex_);
  commit_answers_to_lose_ = count;
}

void Relay::LoseAnswers(int count) {
  absl::MutexLock lock(&mutex_);
  answers_to_lose_ = count;
}

Relay::Counts Relay::counts() const {
  absl::MutexLock lock(&mutex_);
  return counts_;
}

void Relay::Reset(Connection& connection) {
  CloseWithReset(connection.client);
  CloseWithReset(connection.server);
}

void Relay::Run() {
  PollSet set;
  for (;;) {
    int wait_ms = kIdlePollMs;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      wait_ms = Prepare(&set);
    }
    poll(set.descriptors.data(), set.descriptors.size(), wait_ms);
    absl::MutexLock lock(&mutex_);
    uint64_t drained = 0;
    (void)!read(wake_, &drained, sizeof drained);
    ServeAll(set);
    if ((set.descriptors[0].revents & POLLIN) != 0) Accept();
  }
}

int Relay::Prepare(PollSet* set) {
  set->descriptors.assign({{listener_, POLLIN, 0}, {wake_, POLLIN, 0}});
  set->connections.clear();
  int wait_ms = kIdlePollMs;
  const absl::Time now = absl::Now();
  const auto watch = [set, now](int descriptor, const Flow& in, const Flow& out) {
    const auto events =
        static_cast<short>((in.WantsMore() ? POLLIN : 0) | (out.HasDue(now) ? POLLOUT : 0));
    // One that nothing is wanted of would still report its end, again and again.
    set->descriptors.push_back({events == 0 ? -1 : descriptor, events, 0});
  };
  for (const auto& connection : connections_) {
    const Flow& toward = connection->flow(Direction::kToward);
    const Flow& from = connection->flow(Direction::kFrom);
    set->connections.push_back(connection.get());
    watch(connection->client, toward, from);
    watch(connection->server, from, toward);
    for (const Flow& flow : connection->flows) {
      if (flow.queue.empty() || flow.HasDue(now)) continue;
      const absl::Duration wait = flow.queue.front().due - now;
      wait_ms = std::min(wait_ms, static_cast<int>(absl::ToInt64Milliseconds(wait)) + 1);
    }
  }
  return wait_ms;
}

void Relay::ServeAll(const PollSet& set) {
  // Meanwhile connections may have been cut, but none was added: those that are left keep their
  // order.
  size_t index = 0;
  for (auto place = connections_.begin(); place != connections_.end();) {
    while (set.connections[index] != place->get()) ++index;
    Connection& connection = **place;
    if (Serve(connection, set.descriptors[2 + 2 * index].revents,
              set.descriptors[3 + 2 * index].revents)) {
      ++place;
    } else {
      Reset(connection);
      place = connections_.erase(place);
    }
  }
}

void Relay::Accept() {
  for (;;) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = refusing_ ? -1 : Connect();
    if (server < 0) {
      if (refusing_) ++counts_.refused;
      CloseWithReset(client);
      continue;
    }
    const int no_delay = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
    auto connection = std::make_unique<Connection>();
    connection->client = client;
    connection->server = server;
    connections_.push_back(std::move(connection));
  }
}

int Relay::Connect() const {
  if (target_.empty()) return -1;
  return target_.front() == '/' ? ConnectUnix(target_) : ConnectTcp(target_);
}

bool Relay::Serve(Connection& connection, short client_events, short server_events) {
  constexpr short kReadable = POLLIN | POLLHUP | POLLERR;
  if ((client_events & kReadable) != 0 && !Receive(connection, Direction::kToward)) return false;
  if ((server_events & kReadable) != 0 && !Receive(connection, Direction::kFrom)) return false;
  const absl::Time now = absl::Now();
  if (!connection.flow(Direction::kToward).Send(connection.server, now) ||
      !connection.flow(Direction::kFrom).Send(connection.client, now)) {
    return false;
  }
  return !std::all_of(connection.flows.begin(), connection.flows.end(),
                      [](const Flow& flow) { return flow.passed_end; });
}

bool Relay::Receive(Connection& connection, Direction direction) {
  Flow& flow = connection.flow(direction);
  if (!flow.WantsMore()) return true;
  const bool loses = loses_[static_cast<size_t>(direction)];
  std::string bytes(kReadBytes, '\0');
  const ssize_t count =
      recv(direction == Direction::kToward ? connection.client : connection.server, bytes.data(),
           bytes.size(), 0);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  flow.has_hole = flow.has_hole || loses;
  if (count == 0) {
    flow.ended = true;
    // The news of the end is lost like any byte.
    flow.end_lost = loses;
    return true;
  }
  bytes.resize(static_cast<size_t>(count));
  if (!Inspect(connection, direction, bytes)) return false;
  if (connection.loses_commit_answer && direction == Direction::kFrom) return true;
  if (loses) {
    counts_.bytes_lost += count;
    return true;
  }
  if (delay_ > absl::ZeroDuration()) counts_.bytes_delayed += count;
  // Bytes never overtake those before them.
  absl::Time due = absl::Now() + delay_;
  if (!flow.queue.empty()) due = std::max(due, flow.queue.back().due);
  flow.queued += bytes.size();
  flow.queue.push_back({due, std::move(bytes)});
  return true;
}

bool Relay::Inspect(Connection& connection, Direction direction, const std::string& bytes) {
  if (direction == Direction::kFrom && answers_to_lose_ > 0) {
    --answers_to_lose_;
    ++counts_.answers_lost;
    return false;
  }
  if (protocol_ != Protocol::kPostgres) return true;
  if (direction == Direction::kToward) {
    if (connection.commits.Feed(bytes) && commit_answers_to_lose_ > 0) {
      --commit_answers_to_lose_;
      connection.loses_commit_answer = true;
    }
    return true;
  }
  const AnswerWatch::Answer answer = connection.answers.Feed(bytes);
  if (!connection.loses_commit_answer || answer == AnswerWatch::Answer::kNone) return true;
  if (answer == AnswerWatch::Answer::kDone) ++counts_.commit_answers_lost;
  return false;
}

}  // namespace snapledger::chaos
