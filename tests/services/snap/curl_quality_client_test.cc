#include "services/snap/curl_quality_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

constexpr char kBearer[] = "a-long-bearer-token-1";

QualityRequest Asking(bool app = false) {
  return {.app = app, .asset_id = "a/b", .access_token = base::Secret(kBearer)};
}

QualityReply FetchFrom(const ScriptedHttpsServer& server, const QualityRequest& request) {
  return CurlQualityClient({.base_url = server.base_url(), .ca_file = server.ca_file()})
      .Fetch(request);
}

ScriptedHttpsServer::Script AnswerHead(std::string bytes) {
  return [bytes = std::move(bytes)](ScriptedConnection& connection) {
    if (connection.ReadHead().has_value()) connection.Write(bytes);
  };
}

TEST(CurlQualityClientTest, AsksWithTheTokenInTheHeaderAlone) {
  const ScriptedHttpsServer server(AnswerHead(Answer("200 OK", "{}")));
  const QualityReply reply = FetchFrom(server, Asking());
  EXPECT_EQ(reply.http_status, 200);
  EXPECT_EQ(reply.body, "{}");
  EXPECT_EQ(reply.error, "");
  const std::vector<ScriptedArrival> arrivals = server.arrivals();
  ASSERT_THAT(arrivals, SizeIs(1));
  EXPECT_THAT(arrivals[0].head,
              AllOf(StartsWith("GET /v1/pixels/a%2Fb/event_quality_scores HTTP/1.1\r\n"),
                    HasSubstr("Authorization: Bearer a-long-bearer-token-1\r\n")));
}

TEST(CurlQualityClientTest, AsksForAnAppByItsOwnPath) {
  const ScriptedHttpsServer server(AnswerHead(Answer("200 OK", "{}")));
  FetchFrom(server, Asking(true));
  ASSERT_THAT(server.arrivals(), SizeIs(1));
  EXPECT_THAT(server.arrivals()[0].head,
              StartsWith("GET /v1/mobile_apps/a%2Fb/event_quality_scores "));
}

TEST(CurlQualityClientTest, KeepsNoTokenThatAnAnswerQuotes) {
  const ScriptedHttpsServer server(
      AnswerHead(Answer("403 Forbidden", "token a-long-bearer-token-1 is not known")));
  const QualityReply reply = FetchFrom(server, Asking());
  EXPECT_EQ(reply.http_status, 403);
  EXPECT_EQ(reply.body, "token [removed] is not known");
}

TEST(CurlQualityClientTest, FollowsNoRedirect) {
  const ScriptedHttpsServer server(
      AnswerHead(Answer("302 Found", "", "Location: https://127.0.0.1:1/\r\n")));
  EXPECT_EQ(FetchFrom(server, Asking()).http_status, 302);
  EXPECT_THAT(server.arrivals(), SizeIs(1));
}

TEST(CurlQualityClientTest, AnAnswerThatIsCutIsNone) {
  const ScriptedHttpsServer server([](ScriptedConnection& connection) {
    if (!connection.ReadHead().has_value()) return;
    connection.Write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"request");
    connection.Reset();
  });
  const QualityReply reply = FetchFrom(server, Asking());
  EXPECT_EQ(reply.http_status, 0);
  EXPECT_THAT(reply.body, IsEmpty());
  EXPECT_THAT(reply.error, AllOf(Not(IsEmpty()), Not(HasSubstr(kBearer))));
}

TEST(CurlQualityClientTest, TrustsNobodyElse) {
  const ScriptedHttpsServer server(
      [](ScriptedConnection& connection) { EXPECT_FALSE(connection.ShakeHands()); },
      ScriptedHttpsServer::Handshake::kLeftToScript);
  const QualityReply reply =
      CurlQualityClient({.base_url = server.base_url(), .ca_file = ""}).Fetch(Asking());
  EXPECT_EQ(reply.http_status, 0);
  EXPECT_THAT(server.arrivals(), IsEmpty());
}

TEST(CurlQualityClientTest, AnswersLargerThanTheLimitAreNone) {
  const ScriptedHttpsServer server(
      AnswerHead(Answer("200 OK", std::string(kReplyBytesMax + 1, 'a'))));
  const QualityReply reply = FetchFrom(server, Asking());
  EXPECT_EQ(reply.http_status, 0);
  EXPECT_THAT(reply.error, HasSubstr("larger than"));
}

}  // namespace
}  // namespace snapledger::snap
