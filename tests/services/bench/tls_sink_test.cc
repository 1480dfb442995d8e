#include "services/bench/tls_sink.h"

#include <gtest/gtest.h>

#include <fstream>

#include "services/snap/curl_client.h"
#include "services/snap/decode.h"
#include "tests/support/temporary_folder.h"

namespace snapledger::bench {
namespace {

TEST(TlsSinkTest, AnswersValidToTheClientOfTheServiceAndCounts) {
  auto sink = TlsSink::Start();
  ASSERT_TRUE(sink.ok());
  const support::TemporaryFolder folder;
  std::ofstream(folder.path() + "/ca.pem") << (*sink)->ca_pem();
  snap::CurlSnapClient client({.base_url = (*sink)->url(), .ca_file = folder.path() + "/ca.pem"});
  std::string body = R"({"data":[)";
  for (int i = 0; i < 2000; ++i) body += R"({"event_time":1790000000},)";
  body += R"({"event_time":1790000000}]})";
  for (int request = 1; request <= 3; ++request) {
    snap::SnapRequest one;
    one.asset_id = "asset";
    one.access_token = base::Secret("a-token-for-the-sink");
    one.body = body;
    const snap::SnapReply reply = client.Send(one);
    ASSERT_EQ(reply.transport, snap::Transport::kAnswered) << reply.error;
    EXPECT_EQ(reply.http_status, 200);
    EXPECT_EQ(snap::DecodeAnswer(reply.body).status, snap::SnapAnswer::Status::kValid);
    ASSERT_TRUE((*sink)->AwaitEvents(2001 * request, absl::Seconds(10)));
    EXPECT_EQ((*sink)->events(), 2001 * request);
  }
  EXPECT_EQ((*sink)->requests(), 3);
  EXPECT_GT((*sink)->Seconds(), 0);
}

}  // namespace
}  // namespace snapledger::bench
