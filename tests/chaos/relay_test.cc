#include "tests/chaos/relay.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace snapledger::chaos {
namespace {

constexpr int kPatienceMs = 10'000;

// One end of a TCP connection.
class End {
 public:
  explicit End(int descriptor) : descriptor_(descriptor) {}
  End(End&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ~End() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  static End ConnectTo(int port) {
    End end(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(end.descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return end;
  }

  void Send(const std::string& bytes) const {
    EXPECT_EQ(send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // What comes next: bytes, "" for the end, "reset", or "nothing" in the time.
  std::string Receive(int time_max_ms = kPatienceMs) const {
    pollfd waiting = {descriptor_, POLLIN, 0};
    if (poll(&waiting, 1, time_max_ms) == 0) return "nothing";
    char bytes[1000];
    const ssize_t count = recv(descriptor_, bytes, sizeof bytes, 0);
    if (count < 0) return errno == ECONNRESET ? "reset" : "error";
    return {bytes, static_cast<size_t>(count)};
  }
  void EndSending() const { shutdown(descriptor_, SHUT_WR); }

 private:
  int descriptor_;
};

// Something to relay to.
class Target {
 public:
  Target() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
    listen(listener_, 10);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  }
  ~Target() { close(listener_); }

  const std::string& address() const { return address_; }
  End Accept() const { return End(accept(listener_, nullptr, nullptr)); }

 private:
  const int listener_;
  std::string address_;
};

class RelayTest : public ::testing::Test {
 protected:
  explicit RelayTest(Relay::Protocol protocol = Relay::Protocol::kAny) : relay_(protocol) {
    relay_.SetTarget(target_.address());
  }

  Target target_;
  Relay relay_;
};

TEST_F(RelayTest, PassesBytesAndTheirEndBothWays) {
  const End client = End::ConnectTo(relay_.port());
  const End server = target_.Accept();
  client.Send("ask");
  EXPECT_EQ(server.Receive(), "ask");
  server.Send("answer");
  EXPECT_EQ(client.Receive(), "answer");
  client.EndSending();
  EXPECT_EQ(server.Receive(), "");
  server.Send("late");
  EXPECT_EQ(client.Receive(), "late");
}

TEST_F(RelayTest, CutsWithAReset) {
  const End client = End::ConnectTo(relay_.port());
  const End server = target_.Accept();
  client.Send("ask");
  EXPECT_EQ(server.Receive(), "ask");
  EXPECT_EQ(relay_.Cut(), 1);
  EXPECT_EQ(client.Receive(), "reset");
  EXPECT_EQ(server.Receive(), "reset");
}

TEST_F(RelayTest, RefusesUntilToldOtherwise) {
  relay_.SetRefusing(true);
  EXPECT_EQ(End::ConnectTo(relay_.port()).Receive(), "reset");
  EXPECT_EQ(relay_.counts().refused, 1);
  relay_.SetRefusing(false);
  const End client = End::ConnectTo(relay_.port());
  const End server = target_.Accept();
  client.Send("ask");
  EXPECT_EQ(server.Receive(), "ask");
}

TEST_F(RelayTest, DelaysWithoutReordering) {
  const End client = End::ConnectTo(relay_.port());
  const End server = target_.Accept();
  relay_.SetDelay(absl::Milliseconds(200));
  const absl::Time sent = absl::Now();
  client.Send("1");
  EXPECT_EQ(server.Receive(), "1");
  EXPECT_GE(absl::Now() - sent, absl::Milliseconds(200));
  client.Send("2");
  // What is sent after the delay ended still waits for what was sent before.
  while (relay_.counts().bytes_delayed < 2) {
  }
  relay_.SetDelay(absl::ZeroDuration());
  client.Send("3");
  std::string received = server.Receive();
  if (received.size() < 2) received += server.Receive();
  EXPECT_EQ(received, "23");
}

TEST_F(RelayTest, LosesOneDirectionAndResetsWhatHasAHole) {
  const End client = End::ConnectTo(relay_.port());
  const End server = target_.Accept();
  const End idle_client = End::ConnectTo(relay_.port());
  const End idle_server = target_.Accept();
  relay_.SetLoss(Direction::kFrom, true);
  client.Send("ask");
  EXPECT_EQ(server.Receive(), "ask");
  server.Send("answer");
  EXPECT_EQ(client.Receive(/*time_max_ms=*/100), "nothing");
  EXPECT_EQ(relay_.counts().bytes_lost, 6);
  relay_.SetLoss(Direction::kFrom, false);
  EXPECT_EQ(client.Receive(), "reset");
  idle_client.Send("ask");
  EXPECT_EQ(idle_server.Receive(), "ask");
}

TEST_F(RelayTest, LosesTheNextAnswer) {
  const End client = End::ConnectTo(relay_.port());
  const End server = target_.Accept();
  relay_.LoseAnswers(1);
  client.Send("ask");
  EXPECT_EQ(server.Receive(), "ask");
  server.Send("answer");
  EXPECT_EQ(client.Receive(), "reset");
  EXPECT_EQ(relay_.counts().answers_lost, 1);
}

class CommitAnswerTest : public RelayTest {
 protected:
  CommitAnswerTest() : RelayTest(Relay::Protocol::kPostgres) {}

  const std::string startup_ = std::string("\0\0\0\x0c\0\3\0\0user", 12);
  const std::string commit_ = std::string(
      "Q\0\0\0\x0b"
      "commit\0",
      12);
  const std::string ready_ = std::string("Z\0\0\0\x05I", 6);
};

TEST_F(CommitAnswerTest, TheCommitArrivesAndItsAnswerDoesNot) {
  const End client = End::ConnectTo(relay_.port());
  const End server = target_.Accept();
  client.Send(startup_);
  EXPECT_EQ(server.Receive(), startup_);
  server.Send(ready_);
  EXPECT_EQ(client.Receive(), ready_);
  relay_.LoseCommitAnswers(1);
  client.Send(commit_);
  EXPECT_EQ(server.Receive(), commit_);
  server.Send(ready_.substr(0, 3));
  EXPECT_EQ(client.Receive(/*time_max_ms=*/100), "nothing");
  server.Send(ready_.substr(3));
  EXPECT_EQ(client.Receive(), "reset");
  EXPECT_EQ(relay_.counts().commit_answers_lost, 1);
}

}  // namespace
}  // namespace snapledger::chaos
