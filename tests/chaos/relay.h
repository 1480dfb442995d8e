#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace snapledger::chaos {

// The two ways through a relay: toward its target, and back from it.
enum class Direction { kToward, kFrom };

// Passes TCP connections of this machine on to a target, and breaks them as it is told: the network
// between two programs. What it breaks it counts. Thread-safe.
class Relay {
 public:
  enum class Protocol { kAny, kPostgres };

  // Listens on a port of 127.0.0.1 of its own. Throws std::runtime_error where it cannot.
  explicit Relay(Protocol protocol);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;
  ~Relay();

  int port() const { return port_; }

  // Where connections go from now on: HOST:PORT with a numeric host, or the path of a unix socket.
  // Empty: every new connection is reset. Connections there are stay as they are.
  void SetTarget(const std::string& target);

  // Resets every connection; gives how many.
  int Cut();
  // New connections are reset.
  void SetRefusing(bool refusing);
  // Every byte is so much later, in both directions.
  void SetDelay(absl::Duration delay);
  // The bytes of one direction vanish, and both ends believe the connection whole. When it ends the
  // connections that lost bytes are reset: no TCP gives a stream with a hole.
  void SetLoss(Direction direction, bool on);
  // The next `count` commits (Protocol::kPostgres) reach the server; when it has committed, the
  // connection is reset before the answer passes.
  void LoseCommitAnswers(int count);
  // The next `count` times that bytes come back, the connection is reset in their stead.
  void LoseAnswers(int count);

  // What became of bytes and connections so far.
  struct Counts {
    int64_t refused = 0;  // connections
    int64_t bytes_delayed = 0;
    int64_t bytes_lost = 0;
    int64_t commit_answers_lost = 0;
    int64_t answers_lost = 0;
  };
  Counts counts() const;

 private:
  struct Connection;
  struct Flow;

  struct PollSet;

  void Run();
  int Prepare(PollSet* set) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ServeAll(const PollSet& set) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Accept() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int Connect() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Serve(Connection& connection, short client_events, short server_events)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Receive(Connection& connection, Direction direction) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Inspect(Connection& connection, Direction direction, const std::string& bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Reset(Connection& connection);
  void Wake() const;

  const Protocol protocol_;
  int listener_ = -1;
  int wake_ = -1;
  int port_ = 0;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::string target_ ABSL_GUARDED_BY(mutex_);
  bool refusing_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration delay_ ABSL_GUARDED_BY(mutex_);
  bool loses_[2] ABSL_GUARDED_BY(mutex_) = {false, false};
  int commit_answers_to_lose_ ABSL_GUARDED_BY(mutex_) = 0;
  int answers_to_lose_ ABSL_GUARDED_BY(mutex_) = 0;
  Counts counts_ ABSL_GUARDED_BY(mutex_);
  std::list<std::unique_ptr<Connection>> connections_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace snapledger::chaos
