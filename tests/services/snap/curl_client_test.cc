#include "services/snap/curl_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "services/base/clock.h"
#include "tests/services/snap/scripted_snap.h"

namespace snapledger::snap {
namespace {

using support::ScriptedArrival;
using support::ScriptedConnection;
using support::ScriptedHttpsServer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(CurlSnapClientTest, SendsTheBodyAsItIs) {
  const ScriptedHttpsServer server(AnswerOnce(Answer("200 OK")));
  SnapRequest request = Request(R"({"data":[{"event_id":"1"}]})");
  request.asset_id = "a/b";
  const SnapReply reply = SendTo(server, request);
  ExpectAnswered(reply, 200);
  EXPECT_EQ(reply.body, kValidBody);
  EXPECT_GT(reply.elapsed, absl::ZeroDuration());
  const std::vector<ScriptedArrival> arrivals = server.arrivals();
  ASSERT_THAT(arrivals, SizeIs(1));
  EXPECT_EQ(arrivals[0].body, request.body);
  EXPECT_THAT(arrivals[0].head, AllOf(StartsWith(base::Concat("POST /v3/a%2Fb/events?access_token=",
                                                              kTokenInUrl, " HTTP/1.1\r\n")),
                                      HasSubstr("Content-Type: application/json\r\n"),
                                      HasSubstr("User-Agent: snapledger/0.1\r\n"),
                                      HasSubstr("Content-Length: 27\r\n"), Not(HasSubstr("Expect")),
                                      Not(HasSubstr("Encoding"))));
}

TEST(CurlSnapClientTest, ValidatesAtItsOwnPath) {
  const ScriptedHttpsServer server(AnswerOnce(Answer("200 OK")));
  SnapRequest request = Request();
  request.endpoint = SnapRequest::Endpoint::kValidate;
  ExpectAnswered(SendTo(server, request), 200);
  EXPECT_THAT(server.arrivals().at(0).head, StartsWith("POST /v3/pixel-1/events/validate?access_"));
}

// A GET without a body, between two POSTs of the same connection.
TEST(CurlSnapClientTest, AsksForStats) {
  const ScriptedHttpsServer server(AnswerAll(Answer("200 OK")));
  CurlSnapClient client(Trusting(server));
  ExpectAnswered(client.Send(Request()), 200);
  SnapRequest stats = Request("");
  stats.endpoint = SnapRequest::Endpoint::kStats;
  ExpectAnswered(client.Send(stats), 200);
  ExpectAnswered(client.Send(Request()), 200);
  const std::vector<ScriptedArrival> arrivals = server.arrivals();
  ASSERT_THAT(arrivals, SizeIs(3));
  EXPECT_THAT(arrivals[1].head,
              AllOf(StartsWith(base::Concat("GET /v3/pixel-1/events/validate/stats?access_token=",
                                            kTokenInUrl, " HTTP/1.1\r\n")),
                    Not(HasSubstr("Content-Length")), Not(HasSubstr("Content-Type"))));
  EXPECT_THAT(arrivals[1].body, IsEmpty());
  EXPECT_THAT(arrivals[2].head, StartsWith("POST /v3/pixel-1/events?"));
  EXPECT_EQ(arrivals[2].body, Request().body);
}

TEST(CurlSnapClientTest, StatsHaveTheSameBounds) {
  SnapRequest stats = Request("");
  stats.endpoint = SnapRequest::Endpoint::kStats;
  const ScriptedHttpsServer redirecting(
      AnswerOnce(Answer("302 Found", "", "Location: https://example.com/\r\n")));
  ExpectAnswered(SendTo(redirecting, stats), 302);
  const ScriptedHttpsServer large(
      AnswerOnce(Answer("200 OK", std::string(kReplyBytesMax + 1, ' '))));
  const SnapReply reply = SendTo(large, stats);
  ExpectBroken(reply, 200);
  EXPECT_TRUE(reply.body_truncated);
  const ScriptedHttpsServer quoting(
      AnswerOnce(Answer("404 Not Found", base::Concat("no /x?access_token=", kTokenInUrl))));
  EXPECT_THAT(SendTo(quoting, stats).body, Not(HasSubstr(kTokenInUrl)));
}

TEST(CurlSnapClientTest, SendsAnEmptyBody) {
  const ScriptedHttpsServer server(AnswerOnce(Answer("400 Bad Request", "")));
  ExpectAnswered(SendTo(server, Request("")), 400);
}

TEST(CurlSnapClientTest, WhatIsUnderWayIsCutWhereTheProcessStops) {
  absl::Notification arrived;
  const ScriptedHttpsServer server([&arrived](ScriptedConnection& connection) {
    if (!connection.ReadRequest().has_value()) return;
    arrived.Notify();
    connection.WaitUntilClientLeaves();
  });
  CurlSnapClient client(Trusting(server));
  SnapReply reply;
  std::thread sender([&] {
    SnapRequest request = Request();
    request.timeout = absl::Minutes(10);
    reply = client.Send(request);
  });
  arrived.WaitForNotification();
  client.CutFrom(base::Clock::Real().Monotonic());
  sender.join();
  ExpectBroken(reply, 0);
  EXPECT_EQ(reply.error, "cut: the service stops");
  EXPECT_LT(reply.elapsed, absl::Seconds(60));
  ExpectNotSent(client.Send(Request()));
}

TEST(CurlSnapClientTest, GzipsWhereAsked) {
  const ScriptedHttpsServer server(AnswerOnce(Answer("200 OK")));
  const std::string body(100'000, 'x');
  SnapRequest request = Request(body);
  request.gzip = true;
  ExpectAnswered(SendTo(server, request), 200);
  const ScriptedArrival arrival = server.arrivals().at(0);
  EXPECT_THAT(arrival.head, HasSubstr("Content-Encoding: gzip\r\n"));
  EXPECT_LT(arrival.body.size(), body.size() / 10);
  std::string unzipped(body.size(), '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(arrival.body.data()));
  stream.avail_in = static_cast<uInt>(arrival.body.size());
  stream.next_out = reinterpret_cast<Bytef*>(unzipped.data());
  stream.avail_out = static_cast<uInt>(unzipped.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  EXPECT_EQ(unzipped, body);
}

TEST(CurlSnapClientTest, KeepsItsConnection) {
  const ScriptedHttpsServer server(AnswerAll(Answer("200 OK")));
  CurlSnapClient client(Trusting(server));
  for (int i = 0; i < 3; ++i) ExpectAnswered(client.Send(Request()), 200);
  EXPECT_EQ(server.connection_count(), 1);
  EXPECT_THAT(server.arrivals(), SizeIs(3));
}

TEST(CurlSnapClientTest, KeepsNoMoreIdleConnectionsThanItMay) {
  const ScriptedHttpsServer server(AnswerAll(Answer("200 OK")));
  CurlSnapClient::Options options = Trusting(server);
  options.idle_connections_max = 0;
  CurlSnapClient client(options);
  for (int i = 0; i < 3; ++i) ExpectAnswered(client.Send(Request()), 200);
  EXPECT_EQ(server.connection_count(), 3);
}

TEST(CurlSnapClientTest, ServesManyThreads) {
  const ScriptedHttpsServer server([](ScriptedConnection& connection) {
    while (auto arrival = connection.ReadRequest()) {
      connection.Write(Answer("200 OK", arrival->body));
    }
  });
  CurlSnapClient client(Trusting(server));
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&client, i] {
      for (int j = 0; j < 10; ++j) {
        const std::string body = base::Concat("body ", i, " ", j);
        const SnapReply reply = client.Send(Request(body));
        ExpectAnswered(reply, 200);
        EXPECT_EQ(reply.body, body);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(server.arrivals(), SizeIs(80));
  EXPECT_LE(server.connection_count(), 8);
}

TEST(CurlSnapClientTest, IgnoresTheEnvironmentsProxy) {
  const ScriptedHttpsServer server(AnswerOnce(Answer("200 OK")));
  setenv("https_proxy", "http://127.0.0.1:1", 1);
  const SnapReply reply = SendTo(server);
  unsetenv("https_proxy");
  ExpectAnswered(reply, 200);
}

// How a connection that served one request may end during the second.
struct Ending {
  const char* name;
  std::function<void(ScriptedConnection&)> end;
  size_t body_bytes;
};

class DeadConnectionTest : public ::testing::TestWithParam<Ending> {};

// libcurl repeats a POST by itself when a reused connection ends without a byte of an answer.
TEST_P(DeadConnectionTest, IsNeverSentTwice) {
  const ScriptedHttpsServer server([](ScriptedConnection& connection) {
    if (!connection.ReadRequest().has_value()) return;
    connection.Write(Answer("200 OK"));
    if (connection.number() == 1) GetParam().end(connection);
  });
  CurlSnapClient client(Trusting(server));
  ExpectAnswered(client.Send(Request()), 200);
  const std::string body(GetParam().body_bytes, 'x');
  ExpectBroken(client.Send(Request(body)), 0);
  EXPECT_THAT(server.arrivals(), SizeIs(2));
  ExpectAnswered(client.Send(Request()), 200);
  EXPECT_THAT(server.arrivals(), SizeIs(3));
}

const Ending kEndings[] = {
    {"CleanAfterWholeRequest", [](ScriptedConnection& c) { c.ReadRequest(); }, 1000},
    // Without a body there is nothing to rewind: only we can stop this one.
    {"CleanAfterAnEmptyBody", [](ScriptedConnection& c) { c.ReadRequest(); }, 0},
    {"CleanAfterHead", [](ScriptedConnection& c) { c.ReadHead(); }, size_t{16} << 20},
    {"CutAfterWholeRequest",
     [](ScriptedConnection& c) {
       c.ReadRequest();
       c.Cut();
     },
     1000},
    {"ResetAfterWholeRequest",
     [](ScriptedConnection& c) {
       c.ReadRequest();
       c.Reset();
     },
     1000},
    {"ResetAfterHead",
     [](ScriptedConnection& c) {
       c.ReadHead();
       c.Reset();
     },
     size_t{16} << 20},
};

INSTANTIATE_TEST_SUITE_P(Endings, DeadConnectionTest, ::testing::ValuesIn(kEndings),
                         [](const auto& info) { return info.param.name; });

TEST(CurlSnapClientTest, LeavesAConnectionThatEndedWhileIdle) {
  absl::Notification closed;
  const ScriptedHttpsServer server([&closed](ScriptedConnection& connection) {
    if (!connection.ReadRequest().has_value()) return;
    connection.Write(Answer("200 OK"));
    if (connection.number() > 1) return;
    connection.CloseCleanly();
    closed.Notify();
  });
  CurlSnapClient client(Trusting(server));
  ExpectAnswered(client.Send(Request()), 200);
  closed.WaitForNotification();
  ExpectAnswered(client.Send(Request()), 200);
  EXPECT_EQ(server.connection_count(), 2);
  EXPECT_THAT(server.arrivals(), SizeIs(2));
}

TEST(CurlSnapClientTest, ATlsHandshakeThatHangsIsNotSent) {
  const ScriptedHttpsServer server(
      [](ScriptedConnection& connection) { connection.WaitUntilClientLeaves(); },
      ScriptedHttpsServer::Handshake::kLeftToScript);
  SnapRequest request = Request();
  request.connect_timeout = absl::Milliseconds(200);
  const SnapReply reply = SendTo(server, request);
  ExpectNotSent(reply);
  EXPECT_EQ(reply.error, "no connection within 200ms");
}

TEST(CurlSnapClientTest, ATlsHandshakeThatEndsIsNotSent) {
  const ScriptedHttpsServer server([](ScriptedConnection& /*connection*/) {},
                                   ScriptedHttpsServer::Handshake::kLeftToScript);
  ExpectNotSent(SendTo(server));
}

TEST(CurlSnapClientTest, SendsNothingToAServerItDoesNotTrust) {
  const ScriptedHttpsServer server(AnswerAll(Answer("200 OK")));
  const ScriptedHttpsServer other(AnswerAll(Answer("200 OK")));
  for (const std::string& ca_file : {std::string(), other.ca_file()}) {
    CurlSnapClient client({.base_url = server.base_url(), .ca_file = ca_file});
    ExpectNotSent(client.Send(Request()));
  }
  CurlSnapClient other_name(
      {.base_url = base::Concat("https://localhost:", server.port()), .ca_file = server.ca_file()});
  ExpectNotSent(other_name.Send(Request()));
  CurlSnapClient no_file({.base_url = server.base_url(), .ca_file = "/nowhere/ca.pem"});
  ExpectNotSent(no_file.Send(Request()));
  EXPECT_THAT(server.arrivals(), IsEmpty());
}

TEST(CurlSnapClientTest, NoConnectionIsNotSent) {
  // Bound but not listening: nobody else can take the port, and nobody answers on it.
  const int bound = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(bound, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(getsockname(bound, reinterpret_cast<sockaddr*>(&address), &size), 0);
  CurlSnapClient refused({.base_url = base::Concat("https://127.0.0.1:", ntohs(address.sin_port))});
  ExpectNotSent(refused.Send(Request()));
  close(bound);
  CurlSnapClient unknown({.base_url = "https://nothing.invalid"});
  ExpectNotSent(unknown.Send(Request()));
}

TEST(CurlSnapClientTest, SpeaksOnlyHttps) {
  for (const char* url :
       {"http://127.0.0.1:1", "ftp://127.0.0.1:1", "file:///etc", "", "https://"}) {
    CurlSnapClient client({.base_url = url});
    ExpectNotSent(client.Send(Request()));
  }
}

}  // namespace
}  // namespace snapledger::snap
