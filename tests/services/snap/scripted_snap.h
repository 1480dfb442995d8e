#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "services/base/text.h"
#include "services/snap/curl_client.h"
#include "tests/support/scripted_https_server.h"

// What the tests of the client share: a Snap that does what a script says, one request to it, and
// what may come of it.
namespace snapledger::snap {

inline constexpr std::string_view kValidBody = R"({"status":"VALID"})";
inline constexpr char kToken[] = "token-secret value&1";
inline constexpr char kTokenInUrl[] = "token-secret%20value%261";

inline std::string Answer(std::string_view status, std::string_view body = kValidBody,
                          std::string_view headers = "") {
  return base::Concat("HTTP/1.1 ", status, "\r\nContent-Length: ", body.size(), "\r\n", headers,
                      "\r\n", body);
}

// A script that reads one request and answers with `bytes`.
inline support::ScriptedHttpsServer::Script AnswerOnce(std::string bytes) {
  return [bytes = std::move(bytes)](support::ScriptedConnection& connection) {
    if (connection.ReadRequest().has_value()) connection.Write(bytes);
  };
}

inline support::ScriptedHttpsServer::Script AnswerAll(std::string bytes) {
  return [bytes = std::move(bytes)](support::ScriptedConnection& connection) {
    while (connection.ReadRequest().has_value()) connection.Write(bytes);
  };
}

inline SnapRequest Request(std::string_view body = R"({"data":[]})") {
  SnapRequest request;
  request.asset_id = "pixel-1";
  request.access_token = base::Secret(kToken);
  request.body = body;
  return request;
}

inline CurlSnapClient::Options Trusting(const support::ScriptedHttpsServer& server) {
  return {.base_url = server.base_url(), .ca_file = server.ca_file()};
}

inline SnapReply SendTo(const support::ScriptedHttpsServer& server,
                        const SnapRequest& request = Request()) {
  SnapReply reply = CurlSnapClient(Trusting(server)).Send(request);
  EXPECT_THAT(reply.error, ::testing::Not(::testing::AnyOf(::testing::HasSubstr(kToken),
                                                           ::testing::HasSubstr(kTokenInUrl),
                                                           ::testing::HasSubstr("/v3/"))));
  return reply;
}

inline void ExpectAnswered(const SnapReply& reply, int status) {
  EXPECT_EQ(reply.transport, Transport::kAnswered) << reply.error;
  EXPECT_EQ(reply.http_status, status);
  EXPECT_TRUE(reply.body_complete);
  EXPECT_THAT(reply.error, ::testing::IsEmpty());
}

inline void ExpectBroken(const SnapReply& reply, int status) {
  EXPECT_EQ(reply.transport, Transport::kBroken) << reply.error;
  EXPECT_EQ(reply.http_status, status);
  EXPECT_FALSE(reply.body_complete);
  EXPECT_THAT(reply.error, ::testing::Not(::testing::IsEmpty()));
}

inline void ExpectNotSent(const SnapReply& reply) {
  EXPECT_EQ(reply.transport, Transport::kNotSent) << reply.error;
  EXPECT_EQ(reply.http_status, 0);
  EXPECT_FALSE(reply.body_complete);
  EXPECT_THAT(reply.error, ::testing::Not(::testing::IsEmpty()));
}

}  // namespace snapledger::snap
