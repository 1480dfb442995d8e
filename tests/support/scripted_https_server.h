#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/support/test_certificate.h"

namespace snapledger::support {

// One request as it arrived. The body stays empty unless it was read to its end.
struct ScriptedArrival {
  int connection = 0;
  std::string head;
  std::string body;
};

class ScriptedHttpsServer;

// The server's end of one connection, in the hands of the test's script.
class ScriptedConnection {
 public:
  ScriptedConnection(ScriptedHttpsServer& server, int number, int socket);
  ~ScriptedConnection();
  ScriptedConnection(const ScriptedConnection&) = delete;
  ScriptedConnection& operator=(const ScriptedConnection&) = delete;

  int number() const { return number_; }  // 1 is the server's first connection

  // False where TLS was refused by the client.
  bool ShakeHands();
  // Reads up to the empty line and counts an arrival; nullopt where the client left before.
  std::optional<std::string> ReadHead();
  // Reads a request with a Content-Length to its end and counts an arrival; nullopt where the
  // client left before.
  std::optional<ScriptedArrival> ReadRequest();
  void Write(std::string_view bytes);
  // Reads and drops until the client has left.
  void WaitUntilClientLeaves();
  void CloseCleanly();  // tells TLS first
  void Cut();           // ends the TCP connection in order, TLS is not told
  void Reset();         // TCP reset

 private:
  bool ReadMore();

  ScriptedHttpsServer& server_;
  const int number_;
  const int socket_;
  SSL* ssl_ = nullptr;
  std::string unread_;
  bool ended_ = false;
};

// An HTTPS server on a free port of this machine that does on each connection what the test's
// script says, each on a thread of its own; a connection the script returns from is closed cleanly.
class ScriptedHttpsServer {
 public:
  using Script = std::function<void(ScriptedConnection&)>;
  enum class Handshake { kBeforeScript, kLeftToScript };

  explicit ScriptedHttpsServer(Script script, Handshake handshake = Handshake::kBeforeScript);
  // Breaks what is still open and waits for the scripts.
  ~ScriptedHttpsServer();

  std::string base_url() const;
  int port() const { return port_; }
  // What a client has to trust.
  const std::string& ca_file() const { return certificate_.file(); }

  int connection_count() const;
  std::vector<ScriptedArrival> arrivals() const;

 private:
  friend class ScriptedConnection;

  void Listen();
  void Accept();
  void Serve(int number, int socket);
  void RecordHead(int connection, const std::string& head);
  void RecordBody(int connection, const std::string& body);

  const Script script_;
  const Handshake handshake_;
  const TestCertificate certificate_;
  SSL_CTX* const context_;
  int listener_ = -1;
  int port_ = 0;
  mutable absl::Mutex mutex_;
  std::vector<int> sockets_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  std::vector<ScriptedArrival> arrivals_ ABSL_GUARDED_BY(mutex_);
  std::thread acceptor_;
};

}  // namespace snapledger::support
