#include "services/snap/curl_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "tests/services/snap/scripted_snap.h"

// What comes back, as it comes: seen through the client, against a real server.
namespace snapledger::snap {
namespace {

using support::ScriptedConnection;
using support::ScriptedHttpsServer;
using ::testing::SizeIs;

TEST(CurlExchangeTest, ResetAfterTheBodyIsDoubt) {
  const ScriptedHttpsServer server([](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Reset();
  });
  ExpectBroken(SendTo(server), 0);
  EXPECT_THAT(server.arrivals(), SizeIs(1));
}

TEST(CurlExchangeTest, EndWithoutAnAnswerIsDoubt) {
  const ScriptedHttpsServer server(
      [](ScriptedConnection& connection) { connection.ReadRequest(); });
  ExpectBroken(SendTo(server), 0);
  EXPECT_THAT(server.arrivals(), SizeIs(1));
}

TEST(CurlExchangeTest, HalfAnAnswerIsDoubt) {
  const ScriptedHttpsServer server(
      AnswerOnce("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"status\":\"VALID\"}"));
  const SnapReply reply = SendTo(server);
  ExpectBroken(reply, 200);
  EXPECT_EQ(reply.body, kValidBody);
}

TEST(CurlExchangeTest, AnAnswerCutInItsHeadersIsDoubt) {
  for (const char* bytes : {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "HTTP/1.1 200 OK\r\nX-Tra",
                            "HTTP/1.1 200 OK\r\n", "HTTP/1.1 2", "HT"}) {
    const ScriptedHttpsServer server(AnswerOnce(bytes));
    const SnapReply reply = SendTo(server);
    EXPECT_EQ(reply.transport, Transport::kBroken) << bytes;
    EXPECT_FALSE(reply.body_complete);
  }
}

TEST(CurlExchangeTest, WhatIsNotHttpIsDoubt) {
  const ScriptedHttpsServer server(AnswerOnce("{\"status\":\"VALID\"}\r\n\r\n"));
  ExpectBroken(SendTo(server), 0);
}

TEST(CurlExchangeTest, AChunkedAnswerEndsWithItsLastChunk) {
  const std::string chunks =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n12\r\n{\"status\":\"VALID\"}\r\n";
  const ScriptedHttpsServer whole(AnswerOnce(chunks + "0\r\nRetry-After: 7\r\n\r\n"));
  const SnapReply reply = SendTo(whole);
  ExpectAnswered(reply, 200);
  EXPECT_EQ(reply.body, kValidBody);
  EXPECT_EQ(reply.retry_after, std::nullopt);
  const ScriptedHttpsServer cut(AnswerOnce(chunks));
  ExpectBroken(SendTo(cut), 200);
}

// Without a length the end of the connection is the answer's end; that it was cut then shows in its
// JSON only.
TEST(CurlExchangeTest, AnAnswerMayEndWithItsConnection) {
  for (const std::string_view body : {kValidBody, kValidBody.substr(0, 9)}) {
    const ScriptedHttpsServer server(AnswerOnce(base::Concat("HTTP/1.1 200 OK\r\n\r\n", body)));
    const SnapReply reply = SendTo(server);
    ExpectAnswered(reply, 200);
    EXPECT_EQ(reply.body, body);
  }
}

TEST(CurlExchangeTest, StopsReadingAnOversizedAnswer) {
  const ScriptedHttpsServer server(AnswerOnce(Answer("200 OK", std::string(3 << 20, ' '))));
  const SnapReply reply = SendTo(server);
  ExpectBroken(reply, 200);
  EXPECT_TRUE(reply.body_truncated);
  EXPECT_EQ(reply.body.size(), kReplyBytesMax);
}

TEST(CurlExchangeTest, ReadsAnAnswerOfTheLargestSize) {
  const ScriptedHttpsServer server(AnswerOnce(Answer("200 OK", std::string(kReplyBytesMax, ' '))));
  const SnapReply reply = SendTo(server);
  ExpectAnswered(reply, 200);
  EXPECT_FALSE(reply.body_truncated);
}

TEST(CurlExchangeTest, StopsReadingEndlessHeaders) {
  const ScriptedHttpsServer server([](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\n");
    const std::string line = "X: " + std::string(1000, 'x') + "\r\n";
    for (int i = 0; i < 100; ++i) connection.Write(line);
    connection.Write("Content-Length: 0\r\n\r\n");
  });
  ExpectBroken(SendTo(server), 200);
}

TEST(CurlExchangeTest, KeepsAnEncodedAnswerAsItsBytes) {
  const ScriptedHttpsServer server(
      AnswerOnce(Answer("200 OK", "not gzip", "Content-Encoding: gzip\r\n")));
  const SnapReply reply = SendTo(server);
  ExpectAnswered(reply, 200);
  EXPECT_EQ(reply.body, "not gzip");
}

TEST(CurlExchangeTest, ASlowAnswerIsDoubtAndItsConnectionIsLeft) {
  const ScriptedHttpsServer server([](ScriptedConnection& connection) {
    if (!connection.ReadRequest().has_value()) return;
    if (connection.number() == 1) {
      connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlate");
      connection.WaitUntilClientLeaves();
    }
    connection.Write(Answer("200 OK", "second"));
  });
  CurlSnapClient client(Trusting(server));
  SnapRequest request = Request();
  request.timeout = absl::Milliseconds(300);
  const SnapReply late = client.Send(request);
  ExpectBroken(late, 200);
  EXPECT_EQ(late.error, "no complete answer within 300ms");
  const SnapReply reply = client.Send(Request());
  ExpectAnswered(reply, 200);
  EXPECT_EQ(reply.body, "second");
  EXPECT_EQ(server.connection_count(), 2);
}

TEST(CurlExchangeTest, FollowsNoRedirect) {
  const ScriptedHttpsServer elsewhere(AnswerAll(Answer("200 OK")));
  for (const char* status : {"301 Moved", "302 Found", "307 Temporary", "308 Permanent"}) {
    const ScriptedHttpsServer server(
        AnswerAll(Answer(status, "", base::Concat("Location: ", elsewhere.base_url(), "/\r\n"))));
    ExpectAnswered(SendTo(server), std::atoi(status));
    EXPECT_THAT(server.arrivals(), SizeIs(1));
  }
  EXPECT_EQ(elsewhere.connection_count(), 0);
}

TEST(CurlExchangeTest, AnInterimAnswerIsNotTheAnswer) {
  const std::string interim =
      "HTTP/1.1 100 Continue\r\nRetry-After: 9\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  const ScriptedHttpsServer whole(AnswerOnce(interim + Answer("200 OK")));
  const SnapReply reply = SendTo(whole);
  ExpectAnswered(reply, 200);
  EXPECT_EQ(reply.body, kValidBody);
  EXPECT_EQ(reply.retry_after, std::nullopt);
  const ScriptedHttpsServer cut(AnswerOnce(interim));
  ExpectBroken(SendTo(cut), 0);
}

TEST(CurlExchangeTest, SeesAnEarlyRefusalOfALargeBody) {
  const ScriptedHttpsServer server([](ScriptedConnection& connection) {
    if (!connection.ReadHead().has_value()) return;
    connection.Write(Answer("413 Too Large", "", "Connection: close\r\n"));
    connection.WaitUntilClientLeaves();
  });
  const std::string body(size_t{16} << 20, 'x');
  ExpectAnswered(SendTo(server, Request(body)), 413);
  EXPECT_THAT(server.arrivals(), SizeIs(1));
}

TEST(CurlExchangeTest, BelievesNoEarlySuccess) {
  const ScriptedHttpsServer server([](ScriptedConnection& connection) {
    if (!connection.ReadHead().has_value()) return;
    connection.Write(Answer("200 OK", kValidBody, "Connection: close\r\n"));
    connection.WaitUntilClientLeaves();
  });
  const std::string body(size_t{16} << 20, 'x');
  ExpectBroken(SendTo(server, Request(body)), 200);
}

TEST(CurlExchangeTest, KeepsTheTextOfRetryAfter) {
  const ScriptedHttpsServer server(
      AnswerOnce(Answer("429 Slow Down", "", "retry-AFTER:  Fri, 31 Dec 1999 23:59:59 GMT \r\n")));
  const SnapReply reply = SendTo(server);
  ExpectAnswered(reply, 429);
  EXPECT_EQ(reply.retry_after, "Fri, 31 Dec 1999 23:59:59 GMT");
}

TEST(CurlExchangeTest, HidesTheTokenAnAnswerQuotes) {
  const ScriptedHttpsServer server(AnswerOnce(Answer(
      "404 Not Found", base::Concat("no ", kToken, " at /v3/x?access_token=", kTokenInUrl, "!"))));
  const SnapReply reply = SendTo(server);
  ExpectAnswered(reply, 404);
  EXPECT_EQ(reply.body, "no [removed] at /v3/x?access_token=[removed]!");
}

}  // namespace
}  // namespace snapledger::snap
