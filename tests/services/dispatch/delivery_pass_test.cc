// The conformance vectors of Snap's answers and of requests, through the real path: events in
// PostgreSQL, requests over HTTPS, and the states they end in.

#include "services/dispatch/delivery_pass.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <fstream>
#include <map>
#include <set>

#include "absl/random/random.h"
#include "absl/strings/str_split.h"
#include "services/base/text.h"
#include "services/snap/curl_client.h"
#include "tests/services/dispatch/delivery_fixture.h"
#include "tests/support/scripted_https_server.h"
#include "tests/support/status_matchers.h"

namespace snapledger::dispatch {
namespace {

using storage::DeliveryState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kValid = R"({"status":"VALID"})";
constexpr std::string_view kInvalid = R"({"status":"INVALID"})";

// A member of a line, or null.
const rapidjson::Value* Find(const rapidjson::Value& line, const char* name) {
  const auto member = line.FindMember(name);
  return member == line.MemberEnd() || member->value.IsNull() ? nullptr : &member->value;
}

// One line of responses.jsonl.
struct Line {
  std::string id, level, transport;
  std::set<std::string> accepted;
  std::string answer;  // as it goes over the wire
  int event_count = 1;
  std::set<int> failed;  // all where the line tells none
};

std::string WireAnswer(const rapidjson::Value& line) {
  const std::string_view body = line["body"].GetString();
  std::string head = base::Concat("HTTP/1.1 ", line["http_status"].GetInt(), " X\r\n");
  if (const rapidjson::Value* headers = Find(line, "headers")) {
    for (const auto& header : headers->GetObject()) {
      head += base::Concat(header.name.GetString(), ": ", header.value.GetString(), "\r\n");
    }
  }
  // These two have no body by definition.
  const int status = line["http_status"].GetInt();
  if (status == 204 || status == 304) return head + "\r\n";
  return base::Concat(head, "Content-Length: ", body.size(), "\r\n\r\n", body);
}

std::vector<rapidjson::Document> ReadLines(const std::string& name) {
  std::ifstream file(SNAPLEDGER_SOURCE_DIR "/tests/golden/conformance/" + name);
  std::vector<rapidjson::Document> lines;
  for (std::string text; std::getline(file, text);) {
    lines.emplace_back();
    lines.back().Parse(text.c_str());
  }
  return lines;
}

std::vector<Line> ReadResponses() {
  std::vector<Line> lines;
  for (const rapidjson::Document& json : ReadLines("responses.jsonl")) {
    Line line = {.id = json["id"].GetString(), .level = json["level"].GetString()};
    line.accepted.insert(json["expected"].GetString());
    if (const rapidjson::Value* also = Find(json, "accept_also")) {
      for (const auto& word : also->GetArray()) line.accepted.insert(word.GetString());
    }
    if (const rapidjson::Value* transport = Find(json, "transport")) {
      line.transport = transport->GetString();
    } else {
      line.answer = WireAnswer(json);
    }
    if (const rapidjson::Value* count = Find(json, "events_in_request")) {
      line.event_count = count->GetInt();
    }
    if (const rapidjson::Value* failed = Find(json, "failed_indexes")) {
      for (const auto& index : failed->GetArray()) line.failed.insert(index.GetInt());
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

// The numbers of the events in a body.
std::vector<int> NumbersIn(const std::string& body) {
  rapidjson::Document document;
  document.Parse(body.c_str());
  std::vector<int> numbers;
  for (const auto& event : document["data"].GetArray()) numbers.push_back(event["n"].GetInt());
  return numbers;
}

std::string Ok(std::string_view body) {
  return base::Concat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
}

std::string BadRequest(std::string_view body) {
  return base::Concat("HTTP/1.1 400 X\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
}

// Sends each asset's requests to the client it is given.
class ClientByAsset final : public snap::SnapClient {
 public:
  void Add(const std::string& asset_id, snap::CurlSnapClient::Options options) {
    clients_[asset_id] = std::make_unique<snap::CurlSnapClient>(std::move(options));
  }
  snap::SnapReply Send(const snap::SnapRequest& request) override {
    return clients_.at(request.asset_id)->Send(request);
  }

 private:
  std::map<std::string, std::unique_ptr<snap::CurlSnapClient>> clients_;
};

class AnswersTest : public DeliveryFixture {
 protected:
  AnswersTest() : DeliveryFixture(client_) {}

  // Passes until nothing is due, the destination is paused, or it has to be waited for.
  void Deliver(const std::string& id) {
    ASSERT_OK_AND_ASSIGN(const destinations::DestinationPtr destination, directory_.Find(id));
    SendState state;
    absl::BitGen random;
    DeliveryPass pass(dependencies_, retry_policy_, state, random);
    while (true) {
      const DeliveryPass::Result result =
          pass.RunOnce(*destination, destination->stored.shards.at(0), [](const auto&) {});
      if (result.kind == DeliveryPass::Result::Kind::kIdle) return;
      // Less is the rate.
      if (result.wait > absl::Milliseconds(100)) return;
    }
  }

  ClientByAsset client_;
  const RetryPolicy retry_policy_{.delay_min = absl::Minutes(1), .delay_max = absl::Minutes(1)};
};

// The asset and endpoint in a request's first line.
std::pair<std::string, std::string> PathOf(const std::string& head) {
  const std::vector<std::string> words = absl::StrSplit(head, absl::ByAnyChar(" ?"));
  const std::vector<std::string> path = absl::StrSplit(words.at(1), absl::MaxSplits('/', 3));
  return {path.at(2), path.at(3)};
}

// Answers the first request for an asset as its line says; the later ones as a Snap would that
// refuses what the line says it refuses.
class LineSnap {
 public:
  explicit LineSnap(const std::vector<Line>& lines) {
    for (const Line& line : lines) lines_[line.id] = &line;
  }

  void Serve(support::ScriptedConnection& connection) {
    while (const std::optional<support::ScriptedArrival> arrival = connection.ReadRequest()) {
      const auto [asset, endpoint] = PathOf(arrival->head);
      connection.Write(Answer(*lines_.at(asset), endpoint, NumbersIn(arrival->body)));
    }
  }

 private:
  std::string Answer(const Line& line, const std::string& endpoint,
                     const std::vector<int>& numbers) {
    // It cannot tell more than the line.
    if (endpoint != "events") return BadRequest("no validation here");
    absl::MutexLock lock(&mutex_);
    if (answered_.insert(line.id).second || line.event_count == 1) return line.answer;
    const bool all = line.failed.empty() && line.accepted.contains("reject_permanently");
    const bool refused = all || std::any_of(numbers.begin(), numbers.end(), [&line](int number) {
                           return line.failed.contains(number);
                         });
    return refused ? BadRequest(kInvalid) : Ok(kValid);
  }

  std::map<std::string, const Line*> lines_;
  absl::Mutex mutex_;
  std::set<std::string> answered_ ABSL_GUARDED_BY(mutex_);
};

class ResponsesTest : public AnswersTest {
 protected:
  // What the README of the vectors calls the states that the events of a line ended in.
  std::string WordFor(const Line& line) {
    std::set<int> rejected, delivered;
    for (int number = 0; number < line.event_count; ++number) {
      const DeliveryState state = Event(line.id, number).state;
      if (state == DeliveryState::kRejected) rejected.insert(number);
      if (state == DeliveryState::kDelivered) delivered.insert(number);
    }
    const auto all = static_cast<size_t>(line.event_count);
    if (delivered.size() == all) return "delivered";
    if (rejected.size() == all) return "reject_permanently";
    if (rejected == line.failed && rejected.size() + delivered.size() == all) return "partial";
    return rejected.empty() && delivered.empty() ? "retry" : "a mixture";
  }

  snap::CurlSnapClient::Options OptionsFor(const Line& line) {
    if (line.transport == "connect timeout") {
      return {.base_url = silent_.base_url(), .ca_file = silent_.ca_file()};
    }
    if (line.transport == "connection reset") {
      return {.base_url = resetting_.base_url(), .ca_file = resetting_.ca_file()};
    }
    if (line.transport == "dns failure") return {.base_url = "https://nothing.invalid"};
    if (line.transport == "tls verification failure") {
      return {.base_url = snap_.base_url(), .ca_file = silent_.ca_file()};
    }
    EXPECT_EQ(line.transport, "");
    return {.base_url = snap_.base_url(), .ca_file = snap_.ca_file()};
  }

  // The lines of a level whose events end otherwise than the line says.
  std::vector<std::string> FailuresAt(std::string_view level) {
    std::vector<std::string> failures;
    for (const Line& line : lines_) {
      if (line.level != level) continue;
      CreateDestination(line.id, event::DestinationKind::kPixel);
      client_.Add(line.id, OptionsFor(line));
      Append(line.id, 0, std::vector<std::string>(line.event_count, "PAGE_VIEW"));
      Deliver(line.id);
      // 413 and a search end; what is to be retried waits after its first try.
      const std::string word = WordFor(line);
      const bool split = line.event_count > 1 && word == "delivered";
      if (!line.accepted.contains(word) && !(split && line.accepted.contains("retry"))) {
        failures.push_back(line.id + ": " + word);
      }
    }
    return failures;
  }

  const std::vector<Line> lines_ = ReadResponses();
  LineSnap line_snap_{lines_};
  support::ScriptedHttpsServer snap_{
      [this](support::ScriptedConnection& connection) { line_snap_.Serve(connection); }};
  support::ScriptedHttpsServer silent_{
      [](support::ScriptedConnection& connection) { connection.WaitUntilClientLeaves(); },
      support::ScriptedHttpsServer::Handshake::kLeftToScript};
  support::ScriptedHttpsServer resetting_{[](support::ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Write("HTTP/1.1 200 OK\r\nContent-Le");
    connection.Reset();
  }};
};

TEST_F(ResponsesTest, EveryMustEndsAsItSays) {
  EXPECT_THAT(lines_, SizeIs(50));
  EXPECT_THAT(FailuresAt("must"), IsEmpty());
}

// A 2xx without Snap's word for a success is no answer of Snap: a proxy can answer so. It is doubt
// (docs/decisions/0015), which is sent again inside the window.
TEST_F(ResponsesTest, EveryShouldEndsAsItSaysButThree) {
  EXPECT_THAT(FailuresAt("should"),
              UnorderedElementsAre("seg-empty-obj: retry", "der-202: retry", "der-204: retry"));
  EXPECT_EQ(Event("seg-empty-obj", 0).state, DeliveryState::kInDoubt);
}

TEST_F(ResponsesTest, AmbiguousOnesEndInAWayThatIsFine) {
  EXPECT_THAT(FailuresAt("ambiguous"), IsEmpty());
  // What nobody has seen before is kept to be read.
  const storage::EventRow unknown = Event("phg-ok", 0);
  EXPECT_EQ(unknown.state, DeliveryState::kInDoubt);
  EXPECT_EQ(unknown.attempts.at(0).snap_status, "OK");
  EXPECT_EQ(unknown.attempts.at(0).error, "HTTP status 200 without a verdict");
  EXPECT_EQ(Event("der-200-array", 0).attempts.at(0).snap_reason, "[]");
}

// A v2 answer names several: each is asked about alone, and the others are delivered.
TEST_F(ResponsesTest, RecordsThatAnAnswerNamesAreSentAlone) {
  CreateDestination("sdk-v2-all", event::DestinationKind::kPixel);
  client_.Add("sdk-v2-all", OptionsFor({}));
  Append("sdk-v2-all", 0, std::vector<std::string>(6, "PAGE_VIEW"));
  Deliver("sdk-v2-all");
  std::vector<int> rejected;
  for (int number = 0; number < 6; ++number) {
    const storage::EventRow event = Event("sdk-v2-all", number);
    if (event.state == DeliveryState::kRejected) rejected.push_back(number);
    EXPECT_EQ(event.state, number < 3 ? DeliveryState::kRejected : DeliveryState::kDelivered);
  }
  EXPECT_THAT(rejected, ElementsAre(0, 1, 2));
  EXPECT_EQ(Event("sdk-v2-all", 0).attempts.back().verdict_source, storage::VerdictSource::kLive);
}

// One line of batching.jsonl: what arrived for an asset, the names in a request in order.
using Arrived = std::vector<std::vector<std::string>>;

class BatchingTest : public AnswersTest {
 protected:
  // What the requests of one asset hold, after events that arrived one by one.
  Arrived Requests(const std::string& asset, event::DestinationKind kind,
                   const std::vector<std::string>& names) {
    CreateDestination(asset, kind);
    client_.Add(asset, {.base_url = server_.base_url(), .ca_file = server_.ca_file()});
    const size_t lot_size = names.size() > 100 ? 50 : 1;
    for (size_t i = 0; i < names.size(); i += lot_size) {
      Append(asset, static_cast<int>(i),
             {names.begin() + static_cast<long>(i),
              names.begin() + static_cast<long>(std::min(i + lot_size, names.size()))});
    }
    Deliver(asset);
    Arrived requests;
    for (const support::ScriptedArrival& arrival : server_.arrivals()) {
      if (PathOf(arrival.head) != std::pair<std::string, std::string>(asset, "events")) continue;
      rapidjson::Document document;
      document.Parse(arrival.body.c_str());
      requests.emplace_back();
      for (const auto& event : document["data"].GetArray()) {
        requests.back().emplace_back(event["event_name"].GetString());
      }
      std::sort(requests.back().begin(), requests.back().end());
    }
    return requests;
  }

  support::ScriptedHttpsServer server_{[](support::ScriptedConnection& connection) {
    while (connection.ReadRequest().has_value()) connection.Write(Ok(kValid));
  }};
};

TEST_F(BatchingTest, EventsOfAnAssetGoToItsPathTogether) {
  int paths = 0;
  for (const rapidjson::Document& line : ReadLines("batching.jsonl")) {
    const rapidjson::Value* const expected = Find(line, "expected_requests");
    if (expected == nullptr) continue;
    for (const auto& request : expected->GetArray()) {
      ++paths;
      const std::vector<std::string> path =
          absl::StrSplit(request["path"].GetString(), absl::MaxSplits('/', 3));
      std::vector<std::string> names;
      for (const auto& name : request["events"].GetArray()) names.emplace_back(name.GetString());
      std::sort(names.begin(), names.end());
      const bool app = std::string_view(line["input_action_sources"][0].GetString()) == "mobile";
      EXPECT_EQ(path.at(3), "events");
      EXPECT_THAT(
          Requests(path.at(2), app ? event::DestinationKind::kApp : event::DestinationKind::kPixel,
                   names),
          ElementsAre(names));
    }
  }
  EXPECT_EQ(paths, 2);
}

TEST_F(BatchingTest, ARequestHoldsUpToTwoThousand) {
  int lines = 0;
  for (const rapidjson::Document& line : ReadLines("batching.jsonl")) {
    const rapidjson::Value* const count = Find(line, "events_same_asset");
    if (count == nullptr) continue;
    ++lines;
    std::vector<int> expected, sizes;
    for (const auto& size : line["expected_request_sizes"].GetArray()) {
      expected.push_back(size.GetInt());
    }
    const Arrived requests = Requests(line["id"].GetString(), event::DestinationKind::kPixel,
                                      std::vector<std::string>(count->GetInt(), "SEARCH"));
    for (const std::vector<std::string>& names : requests) {
      sizes.push_back(static_cast<int>(names.size()));
    }
    EXPECT_EQ(sizes, expected);
  }
  EXPECT_EQ(lines, 2);
}

}  // namespace
}  // namespace snapledger::dispatch
