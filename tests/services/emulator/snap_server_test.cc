// The Snap side over HTTPS: who may, what is refused, what is counted.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/services/emulator/harness.h"

namespace snapledger::emulator {
namespace {

using ::testing::HasSubstr;

constexpr char kProcessed[] =
    R"({"status":"VALID","reason":"Events have been processed successfully."})";

class SnapServerTest : public EmulatorTest {
 protected:
  Reply PostBody(const std::string& body) { return client_->Post(EventsUrl(), body); }
  std::string Reason(const Reply& reply) {
    const rapidjson::Document body = ParseBody(reply.body);
    return body.HasMember("reason") ? body["reason"].GetString() : "";
  }
};

TEST_F(SnapServerTest, TakesAValidBatchOverAKeptConnection) {
  Start();
  const Reply first = SendEvents({LiveEvent("e1")});
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, kProcessed);
  EXPECT_EQ(first.connects, 1);
  const Reply second = SendEvents({LiveEvent("e2")});
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.connects, 0);
}

TEST_F(SnapServerTest, ServesEveryNameOfTheCertificate) {
  Start();
  const std::string port = emulator_->url().substr(emulator_->url().rfind(':'));
  const Reply reply = client_->Get("https://localhost" + port + "/");
  EXPECT_EQ(reply.code, CURLE_OK);
  EXPECT_EQ(reply.status, 404);
  Client stranger;
  EXPECT_EQ(stranger.Get(emulator_->url()).code, CURLE_PEER_FAILED_VERIFICATION);
}

TEST_F(SnapServerTest, ListensOnTheOtherLoopback) {
  options_.listen = "[::1]:0";
  Start();
  EXPECT_THAT(emulator_->url(), testing::StartsWith("https://[::1]:"));
  EXPECT_EQ(SendEvents({LiveEvent("e1")}).status, 200);
}

TEST_F(SnapServerTest, RefusesToListenElsewhere) {
  options_.listen = "0.0.0.0:0";
  EXPECT_THAT(std::string(Emulator::Start(options_).status().message()),
              HasSubstr("not a loopback address"));
  options_.listen = "127.0.0.1:0";
  options_.admin_listen = "[::]:0";
  EXPECT_FALSE(Emulator::Start(options_).ok());
  options_.admin_listen = "nonsense";
  EXPECT_FALSE(Emulator::Start(options_).ok());
}

TEST_F(SnapServerTest, WrongPathsAndMethods) {
  Start();
  const std::string url = emulator_->url();
  for (const char* const path :
       {"/", "/v3", "/v3/", "/v3//events", "/v3/conversion", "/v3/px/event", "/v3/px/events/x",
        "/v3/px/events/validate/other", "/v3/px/events/validate/logs/x", "/v2/conversion",
        "/v1/pixels/px", "/v1/cats/px/event_quality_scores", "/v1/pixels//event_quality_scores"}) {
    EXPECT_EQ(client_->Get(absl::StrCat(url, path, "?access_token=t")).status, 404) << path;
  }
  const Reply get = client_->Get(EventsUrl());
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.headers.at("allow"), "POST");
  EXPECT_EQ(client_->Post(url + "/v3/px/events/validate/logs?access_token=t", "{}").status, 405);
}

TEST_F(SnapServerTest, TokensOfTheFile) {
  options_.tokens_file = FilePath("tokens");
  WriteText(options_.tokens_file, "# two tokens of px\npx old-one\npx new/one\n\nother third\n");
  Start();
  const std::string batch = Batch({LiveEvent("e1")});
  EXPECT_EQ(client_->Post(EventsUrl("px", "old-one"), batch).status, 200);
  EXPECT_EQ(client_->Post(EventsUrl("px", "new%2Fone"), batch).status, 200);
  const Reply unknown = client_->Post(EventsUrl("px", "guess"), batch);
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(unknown.body, R"({"status":"INVALID","reason":"Invalid access token"})");
  const Reply foreign = client_->Post(EventsUrl("px", "third"), batch);
  EXPECT_EQ(foreign.status, 403);
  EXPECT_EQ(foreign.body, R"({"status":"INVALID","reason":"Unauthorized resources"})");
}

TEST_F(SnapServerTest, TokensCanBeReplaced) {
  Start();
  Client admin;
  EXPECT_EQ(admin.Post(emulator_->admin_url() + "/tokens", "px fresh\n").status, 200);
  EXPECT_EQ(SendEvents({LiveEvent("e1")}).status, 401);
  EXPECT_EQ(client_->Post(EventsUrl("px", "fresh"), Batch({LiveEvent("e1")})).status, 200);
  const Reply bad = admin.Post(emulator_->admin_url() + "/tokens", "px secret words\n");
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.body, testing::Not(HasSubstr("secret")));
}

TEST_F(SnapServerTest, AnyTokenThatIsNotEmptyWithoutAFile) {
  Start();
  EXPECT_EQ(client_->Post(EventsUrl("px", ""), Batch({LiveEvent("e1")})).status, 401);
  EXPECT_EQ(client_->Post(EventsUrl("px", "x"), Batch({LiveEvent("e1")})).status, 200);
}

TEST_F(SnapServerTest, BearerAloneIsRefusedUnlessSwitchedOn) {
  const std::vector<std::string> headers = {"Content-Type: application/json",
                                            "Authorization: Bearer t"};
  const auto send = [&] {
    return client_->Post(emulator_->url() + "/v3/px/events", Batch({LiveEvent("e1")}), headers);
  };
  Start();
  EXPECT_EQ(send().status, 401);
  options_.rules.bearer_token_accepted = true;
  Start();
  EXPECT_EQ(send().status, 200);
}

TEST_F(SnapServerTest, SwitchesOfRefusals) {
  options_.tokens_file = FilePath("tokens");
  WriteText(options_.tokens_file, "other third\n");
  options_.rules.token_error_as_text = true;
  options_.rules.unauthorized_as_401 = true;
  options_.rules.only_uuid_assets = true;
  Start();
  const std::string uuid = "6abc82ca-1b2c-4d5e-8f90-123456789abc";
  EXPECT_EQ(client_->Post(EventsUrl(uuid, "x"), "{}").body, "Invalid access token");
  EXPECT_EQ(client_->Post(EventsUrl(uuid, "third"), "{}").status, 401);
  EXPECT_EQ(client_->Post(EventsUrl("px", "third"), "{}").status, 404);
}

TEST_F(SnapServerTest, EnvelopeRules) {
  options_.rules.events_max = 3;
  Start();
  EXPECT_THAT(Reason(PostBody("")), HasSubstr("not JSON"));
  EXPECT_THAT(Reason(PostBody("[]")), HasSubstr("no list named data"));
  EXPECT_THAT(Reason(PostBody("{}")), HasSubstr("no list named data"));
  EXPECT_THAT(Reason(PostBody(R"({"data":{}})")), HasSubstr("no list named data"));
  EXPECT_THAT(Reason(PostBody(R"({"data":[]})")), HasSubstr("is empty"));
  EXPECT_THAT(Reason(PostBody(R"({"data":[1],"test_event_code":7})")), HasSubstr("test_event"));
  EXPECT_EQ(PostBody("{}").status, 400);
  const std::string event = LiveEvent("e1");
  EXPECT_EQ(SendEvents({event, event, event}).status, 200);
  const Reply more = SendEvents({event, event, event, event});
  EXPECT_EQ(more.status, 400);
  EXPECT_EQ(Reason(more), "More than 3 events.");
}

TEST_F(SnapServerTest, ContentTypeAndCompression) {
  Start();
  const std::string batch = Batch({LiveEvent("e1")});
  EXPECT_EQ(client_->Post(EventsUrl(), batch, {"Content-Type: text/plain"}).status, 415);
  EXPECT_EQ(client_->Post(EventsUrl(), batch, {"Content-Type: application/jsonp"}).status, 415);
  EXPECT_EQ(
      client_->Post(EventsUrl(), batch, {"Content-Type: application/json; charset=utf-8"}).status,
      200);
  EXPECT_EQ(
      client_
          ->Post(EventsUrl(), batch, {"Content-Type: application/json", "Content-Encoding: gzip"})
          .status,
      415);
}

std::string Gzipped(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST_F(SnapServerTest, GzipWhenSwitchedOn) {
  options_.rules.gzip_accepted = true;
  options_.body_bytes_max = 100000;
  Start();
  const std::vector<std::string> headers = {"Content-Type: application/json",
                                            "Content-Encoding: gzip"};
  const std::string batch = Batch({LiveEvent("e1")});
  EXPECT_EQ(client_->Post(EventsUrl(), Gzipped(batch), headers).status, 200);
  EXPECT_EQ(client_->Post(EventsUrl(), batch, headers).status, 400);
  const std::string large(200000, ' ');
  EXPECT_EQ(client_->Post(EventsUrl(), Gzipped(large), headers).status, 400);
}

TEST_F(SnapServerTest, LimitsOfSize) {
  options_.body_bytes_max = 100000;
  Start();
  const std::string padding(100001 - Batch({LiveEvent("e1")}).size(), ' ');
  EXPECT_EQ(PostBody(Batch({LiveEvent("e1")}) + padding).status, 413);
  EXPECT_EQ(PostBody(Batch({LiveEvent("e1")}) + padding.substr(1)).status, 200);
  EXPECT_EQ(PostBody(std::string(3000000, ' ')).status, 413);
  const std::string chunk = std::string(100001, ' ');
  EXPECT_EQ(client_
                ->Post(EventsUrl(), chunk,
                       {"Content-Type: application/json", "Transfer-Encoding: chunked"})
                .status,
            413);
  EXPECT_EQ(client_->Get(EventsUrl("px", std::string(17000, 'x'))).status, 431);
}

TEST_F(SnapServerTest, ChunkedBodies) {
  Start();
  const Reply reply =
      client_->Post(EventsUrl(), Batch({LiveEvent("e1")}),
                    {"Content-Type: application/json", "Transfer-Encoding: chunked"});
  EXPECT_EQ(reply.status, 200) << reply.body;
}

TEST_F(SnapServerTest, RejectsTheWholeBatchAndNamesTheEvent) {
  Start();
  const Reply reply =
      SendEvents({LiveEvent("e1"), LiveEvent("e2", {{"/user_data", "{}"}}), LiveEvent("e3")});
  EXPECT_EQ(reply.status, 400);
  const rapidjson::Document body = ParseBody(reply.body);
  EXPECT_STREQ(body["status"].GetString(), "INVALID");
  EXPECT_EQ(body["event"].GetInt(), 2);
  EXPECT_STREQ(body["errors"]["codes"][0].GetString(), "507");
  EXPECT_THAT(body["errors"]["error_msgs"][0].GetString(), HasSubstr("No usable identifier"));
  EXPECT_THAT(Admin("/conversions"), HasSubstr("\"total_counted\":0"));
}

TEST_F(SnapServerTest, PartialBatchesKeepTheGoodEvents) {
  options_.rules.partial_batches = true;
  options_.rules.index_base = 0;
  Start();
  const Reply reply = SendEvents({LiveEvent("e1"), LiveEvent("e2", {{"/user_data", "{}"}})});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(ParseBody(reply.body)["event"].GetInt(), 1);
  EXPECT_THAT(Admin("/conversions"), HasSubstr("\"total_counted\":1"));
}

TEST_F(SnapServerTest, SwitchesOfErrorShape) {
  options_.rules.event_index_omitted = true;
  options_.rules.only_known_codes = true;
  options_.rules.invalid_status = 200;
  Start();
  const Reply reply = SendEvents({LiveEvent("e1", {{"/event_time", ""}})});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body,
            R"({"status":"INVALID","reason":"At least one of the events is invalid.",)"
            R"("errors":{"codes":[],"error_msgs":["Param data['event_time'] is missing."]}})");
  options_.rules.flat_errors = true;
  Start();
  EXPECT_EQ(SendEvents({LiveEvent("e1", {{"/event_time", ""}})}).body,
            R"({"status":"INVALID","error_msgs":["Param data['event_time'] is missing."]})");
}

TEST_F(SnapServerTest, ValidateTellsOfEachEvent) {
  Start();
  const std::string bad = LiveEvent("e2", {{"/custom_data/value", ""}});
  const Reply reply = client_->Post(
      ValidateUrl(), Batch({LiveEvent("e1", {{"/event_name", "\"purchase\""}}), bad}));
  EXPECT_EQ(reply.status, 400);
  const rapidjson::Document body = ParseBody(reply.body);
  EXPECT_STREQ(body["status"].GetString(), "INVALID");
  EXPECT_TRUE(body["test_event"].GetBool());
  EXPECT_STREQ(body["reason"].GetString(), "At least one of the events is invalid.");
  EXPECT_EQ(body["event_logs"][0]["event"].GetInt(), 1);
  EXPECT_STREQ(body["event_logs"][0]["status"].GetString(), "VALID");
  EXPECT_EQ(body["event_logs"][0]["warnings"].Size(), 1U);
  EXPECT_STREQ(body["event_logs"][1]["status"].GetString(), "INVALID");
  EXPECT_STREQ(body["event_logs"][1]["errors"]["error_msgs"][0].GetString(),
               "Missing price and/or currency in Purchase events");
  const Reply good = client_->Post(ValidateUrl(), Batch({LiveEvent("e1")}));
  EXPECT_EQ(good.status, 200);
  EXPECT_STREQ(ParseBody(good.body)["status"].GetString(), "VALID");
  EXPECT_THAT(Admin("/conversions"), HasSubstr("\"total_counted\":0"));
}

TEST_F(SnapServerTest, TestEventsAreNeverCounted) {
  Start();
  EXPECT_EQ(SendEvents({LiveEvent("e1", {{"/test_event_code", "\"TEST\""}})}).body, kProcessed);
  EXPECT_EQ(PostBody(R"({"test_event_code":"TEST","data":[)" + LiveEvent("e2") + "]}").body,
            kProcessed);
  EXPECT_EQ(SendEvents({LiveEvent("e3")}).status, 200);
  EXPECT_THAT(Admin("/conversions?detail=1"), HasSubstr("\"total_counted\":1"));
  EXPECT_THAT(Admin("/conversions?detail=1"), HasSubstr("\"event_id\":\"e3\""));
}

TEST_F(SnapServerTest, LogsAndStatsKeepTestAndLiveApart) {
  Start();
  SendEvents({LiveEvent("e1")});
  SendEvents({LiveEvent("e2", {{"/test_event_code", "\"TEST\""}})});
  client_->Post(ValidateUrl(), Batch({LiveEvent("e3", {{"/user_data", "{}"}})}));
  // Refused, with a good one beside it: neither was received.
  SendEvents({LiveEvent("e4", {{"/user_data", "{}"}}), LiveEvent("e5")});
  const std::string base = emulator_->url() + "/v3/px/events/validate";
  const rapidjson::Document stats = ParseBody(client_->Get(base + "/stats?access_token=t").body);
  EXPECT_EQ(stats["stats"]["test"]["event_count_past_hour"].GetInt(), 2);
  EXPECT_EQ(stats["stats"]["live"]["event_count_past_hour"].GetInt(), 1);
  const rapidjson::Document logs = ParseBody(client_->Get(base + "/logs?access_token=t").body);
  EXPECT_STREQ(logs["status"].GetString(), "SUCCESS");
  ASSERT_EQ(logs["logs"].Size(), 3U);
  EXPECT_STREQ(logs["logs"][1]["status"].GetString(), "INVALID");
  EXPECT_EQ(logs["logs"][1]["error_records"].Size(), 1U);
  EXPECT_STREQ(logs["logs"][0]["event_metadata"]["pixel_id"].GetString(), "px");
}

TEST_F(SnapServerTest, QualityFollowsWhatArrived) {
  Start();
  SendEvents({LiveEvent("e1")});
  SendEvents({LiveEvent("e2", {{"/event_name", "\"SAVE\""},
                               {"/user_data", R"({"client_ip_address":"203.0.113.7",)"
                                              R"("client_user_agent":"x"})"}})});
  const std::string path = "/event_quality_scores";
  const std::string url = emulator_->url() + "/v1/pixels/px" + path;
  EXPECT_EQ(client_->Get(url + "?access_token=t").status, 401);
  const Reply reply = client_->Get(url, {"Authorization: Bearer t"});
  EXPECT_EQ(reply.status, 200);
  const rapidjson::Document body = ParseBody(reply.body);
  EXPECT_STREQ(body["request_status"].GetString(), "SUCCESS");
  ASSERT_EQ(body["event_quality_scores"].Size(), 2U);
  const auto& purchase = body["event_quality_scores"][0]["event_quality_score"];
  EXPECT_STREQ(purchase["event_type"].GetString(), "PURCHASE");
  EXPECT_STREQ(purchase["recommendations"][0]["score"].GetString(), "GOOD");
  const auto& save = body["event_quality_scores"][1]["event_quality_score"];
  EXPECT_STREQ(save["recommendations"][0]["score"].GetString(), "BAD");
  const Reply app =
      client_->Get(emulator_->url() + "/v1/mobile_apps/px" + path, {"Authorization: Bearer t"});
  EXPECT_EQ(ParseBody(app.body)["event_quality_scores"].Size(), 0U);
}

TEST_F(SnapServerTest, DuplicatesAreCountedOnceAndAnsweredAsUsual) {
  Start();
  SendEvents({LiveEvent("e1"), LiveEvent("e1")});
  EXPECT_EQ(SendEvents({LiveEvent("e1")}).body, kProcessed);
  EXPECT_THAT(Admin("/conversions"), HasSubstr(R"("counted":1)"));
  EXPECT_THAT(Admin("/conversions"), HasSubstr(R"("arrivals_server":3)"));
}

TEST_F(SnapServerTest, DuplicatesAreNotedWhenSwitchedOn) {
  options_.rules.duplicates_noted = true;
  Start();
  EXPECT_EQ(SendEvents({LiveEvent("e1")}).body, kProcessed);
  EXPECT_THAT(SendEvents({LiveEvent("e1")}).body, HasSubstr("Duplicate"));
}

TEST_F(SnapServerTest, RateLimitIsPerAssetAndWithoutRetryAfter) {
  options_.rate_limit = 2;
  Start();
  int throttled = 0;
  for (int i = 0; i < 5; ++i) {
    const Reply reply = SendEvents({LiveEvent(absl::StrCat("e", i))});
    if (reply.status != 429) continue;
    ++throttled;
    EXPECT_EQ(reply.headers.count("retry-after"), 0U);
  }
  EXPECT_GE(throttled, 1);
  EXPECT_EQ(client_->Post(EventsUrl("px2"), Batch({LiveEvent("e")})).status, 200);
}

TEST_F(SnapServerTest, ManyConnectionsAtOnce) {
  Start();
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      Client client(emulator_->ca_pem());
      for (int i = 0; i < 10; ++i) {
        const std::string id = absl::StrCat(t, "-", i);
        good += client.Post(EventsUrl(), Batch({LiveEvent(id)})).status == 200;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 160);
  EXPECT_THAT(Admin("/conversions"), HasSubstr("\"total_counted\":160"));
  EXPECT_EQ(Journal("request").size(), 160U);
}

TEST_F(SnapServerTest, StopsAtOnceWithOpenConnections) {
  Start();
  SendEvents({LiveEvent("e1")});
  const absl::Duration begin = base::Clock::Real().Monotonic();
  Stop();
  EXPECT_LT(base::Clock::Real().Monotonic() - begin, absl::Seconds(2));
}

}  // namespace
}  // namespace snapledger::emulator
