#include "services/dispatch/outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <fstream>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/dispatch/named_events.h"
#include "services/snap/client.h"

namespace snapledger::dispatch {
namespace {

using snap::SnapReply;
using snap::Transport;
using Verdict = Decision::Verdict;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr char kValid[] = R"({"status":"VALID","reason":"Events have been processed."})";
constexpr char kInvalid[] = R"({"status":"INVALID","reason":"bad"})";

// Tue, 01 Dec 2026 12:00:00 GMT
absl::Time Now() { return absl::FromUnixSeconds(1796126400); }

SnapReply Answered(int status, std::string body = "") {
  SnapReply reply;
  reply.transport = Transport::kAnswered;
  reply.http_status = status;
  reply.body = std::move(body);
  reply.body_complete = true;
  return reply;
}

Verdict VerdictOf(const SnapReply& reply) { return Decide(reply, Now()).verdict; }

TEST(DecideTest, SuccessNeedsSnapsWord) {
  EXPECT_EQ(VerdictOf(Answered(200, kValid)), Verdict::kDelivered);
  EXPECT_EQ(VerdictOf(Answered(202, R"({"status":"SUCCESS"})")), Verdict::kDelivered);
  EXPECT_EQ(VerdictOf(Answered(200, kInvalid)), Verdict::kRefused);
  for (const char* body : {"", "{}", "[]", "<html>", R"({"status":"OK"})", R"({"status":"VAL)"}) {
    EXPECT_EQ(VerdictOf(Answered(200, body)), Verdict::kDoubt) << body;
  }
}

TEST(DecideTest, OnlyACompleteAnswerIsBelieved) {
  for (const int status : {0, 100, 200, 400, 401, 413, 429, 500}) {
    SnapReply cut = Answered(status, kValid);
    cut.body_complete = false;
    EXPECT_EQ(VerdictOf(cut), Verdict::kDoubt) << status;
    SnapReply broken = Answered(status, kValid);
    broken.transport = Transport::kBroken;
    EXPECT_EQ(VerdictOf(broken), Verdict::kDoubt) << status;
  }
}

TEST(DecideTest, NotSentIsNotSent) {
  SnapReply reply;
  reply.transport = Transport::kNotSent;
  reply.error = "no connection within 3s";
  const Decision decision = Decide(reply, Now());
  EXPECT_EQ(decision.verdict, Verdict::kNotSent);
  EXPECT_EQ(decision.error, reply.error);
}

// The table in outcome.h, every status there can be, with a body that settles nothing by itself.
TEST(DecideTest, EveryStatusHasItsVerdict) {
  const std::set<int> held = {401, 402, 403, 404, 405, 406, 407, 410, 411, 414, 415, 421, 426, 451};
  for (int status = 100; status < 700; ++status) {
    Verdict expected = Verdict::kDoubt;
    if (status / 100 == 3 || held.contains(status)) {
      expected = Verdict::kHeld;
    } else if (status == 413) {
      expected = Verdict::kTooLarge;
    } else if (status == 429) {
      expected = Verdict::kThrottled;
    } else if (status / 100 == 4 && status != 408 && status != 425) {
      expected = Verdict::kRefused;
    }
    EXPECT_EQ(VerdictOf(Answered(status)), expected) << status;
  }
}

TEST(DecideTest, AnUnauthorizedAssetIsHeldWhateverTheStatus) {
  for (const int status : {200, 400, 401, 403, 422, 500}) {
    EXPECT_EQ(
        VerdictOf(Answered(status, R"({"status":"INVALID","reason":"Unauthorized resources"})")),
        Verdict::kHeld)
        << status;
  }
}

TEST(DecideTest, TellsWhatSnapSaid) {
  const Decision decision =
      Decide(Answered(400, R"({"status":"INVALID","event":2,"errors":{"codes":["507"]}})"), Now());
  EXPECT_EQ(decision.http_status, 400);
  EXPECT_EQ(decision.snap_status, "INVALID");
  EXPECT_EQ(decision.snap_reason, "code 507");
  EXPECT_EQ(decision.event_index, 2);
  EXPECT_THAT(Decide(Answered(503), Now()).error, Not(IsEmpty()));
  EXPECT_THAT(Decide(SnapReply{}, Now()).error, Not(IsEmpty()));
}

std::optional<absl::Duration> RetryAfter(int status, const char* text) {
  SnapReply reply = Answered(status);
  reply.retry_after = text;
  return Decide(reply, Now()).retry_after;
}

TEST(DecideTest, HonoursRetryAfter) {
  EXPECT_EQ(RetryAfter(429, "7"), absl::Seconds(7));
  EXPECT_EQ(RetryAfter(503, "2"), absl::Seconds(2));
  EXPECT_EQ(RetryAfter(429, "0"), absl::ZeroDuration());
  EXPECT_EQ(RetryAfter(429, "Tue, 01 Dec 2026 12:01:30 GMT"), absl::Seconds(90));
  EXPECT_EQ(RetryAfter(429, "Tuesday, 01-Dec-26 12:01:30 GMT"), absl::Seconds(90));
  EXPECT_EQ(RetryAfter(429, "Tue Dec  1 12:01:30 2026"), absl::Seconds(90));
}

TEST(DecideTest, CapsRetryAfterAndIgnoresNonsense) {
  for (const char* text :
       {"86401", "99999999", "99999999999999999999999999", "Fri, 04 Dec 2099 12:00:00 GMT"}) {
    EXPECT_EQ(RetryAfter(429, text), absl::Hours(24)) << text;
  }
  for (const char* text :
       {"", "-1", "+1", "1.5", "7 seconds", "soon", "0x10", "inf", "NaN", "infinite-future",
        "Tue, 01 Dec 2026 11:59:59 GMT", "Tue, 32 Dec 2026 12:00:00 GMT"}) {
    EXPECT_EQ(RetryAfter(429, text), std::nullopt) << text;
  }
  EXPECT_EQ(RetryAfter(200, "7"), std::nullopt);
  EXPECT_EQ(RetryAfter(500, "7"), std::nullopt);
}

std::string RandomBody(std::mt19937_64& random) {
  static const std::vector<std::string> kPieces = {"{",
                                                   "}",
                                                   "[",
                                                   "]",
                                                   ":",
                                                   ",",
                                                   "\"",
                                                   "\\",
                                                   "\"status\"",
                                                   "\"VALID\"",
                                                   "\"INVALID\"",
                                                   "\"reason\"",
                                                   "\"errors\"",
                                                   "\"event\"",
                                                   "\"codes\"",
                                                   "\"event_logs\"",
                                                   "1",
                                                   "-1e999",
                                                   "null",
                                                   "\\ud800",
                                                   "\xFF",
                                                   "ada@example.com ",
                                                   "Unauthorized resources"};
  std::string body;
  const size_t length = random() % 60;
  for (size_t i = 0; i < length; ++i) {
    if (random() % 4 == 0) {
      body.push_back(static_cast<char>(random()));
    } else {
      body.append(kPieces[random() % kPieces.size()]);
    }
  }
  return body;
}

TEST(DecideTest, AnyBytesHaveAVerdict) {
  std::mt19937_64 random(20261123);
  for (int i = 0; i < 100'000; ++i) {
    SnapReply reply = Answered(static_cast<int>(random() % 700), RandomBody(random));
    reply.transport = static_cast<Transport>(random() % 3);
    reply.body_complete = random() % 4 != 0;
    if (random() % 2 == 0) reply.retry_after = RandomBody(random);
    const Decision decision = Decide(reply, Now());
    ASSERT_LE(decision.snap_reason.size(), 512);
    ASSERT_LE(decision.snap_status.size(), 64);
    ASSERT_EQ(decision.snap_reason.find('@'), std::string::npos) << reply.body;
    const absl::Duration wait = decision.retry_after.value_or(absl::ZeroDuration());
    ASSERT_TRUE(wait >= absl::ZeroDuration() && wait <= absl::Hours(24));
    if (decision.verdict == Verdict::kDelivered) {
      ASSERT_TRUE(reply.transport == Transport::kAnswered && reply.body_complete);
      ASSERT_EQ(reply.http_status / 100, 2);
    }
  }
}

// One line of the conformance vectors.
struct Vector {
  std::string id;
  std::string level;
  std::vector<std::string> accepted;
  SnapReply reply;
  int event_count = 1;
};

SnapReply ReplyOf(const rapidjson::Document& line) {
  if (!line.HasMember("transport")) {
    SnapReply reply = Answered(line["http_status"].GetInt(), line["body"].GetString());
    if (line.HasMember("headers") && line["headers"].HasMember("Retry-After")) {
      reply.retry_after = line["headers"]["Retry-After"].GetString();
    }
    return reply;
  }
  SnapReply reply;
  const std::string transport = line["transport"].GetString();
  reply.transport = transport == "connection reset" ? Transport::kBroken : Transport::kNotSent;
  return reply;
}

std::vector<Vector> LoadVectors() {
  std::ifstream file(SNAPLEDGER_SOURCE_DIR "/tests/golden/conformance/responses.jsonl");
  std::vector<Vector> vectors;
  for (std::string text; std::getline(file, text);) {
    rapidjson::Document line;
    line.Parse(text.c_str());
    Vector vector{line["id"].GetString(),
                  line["level"].GetString(),
                  {line["expected"].GetString()},
                  ReplyOf(line)};
    if (line.HasMember("accept_also")) {
      for (const auto& also : line["accept_also"].GetArray()) {
        vector.accepted.emplace_back(also.GetString());
      }
    }
    if (line.HasMember("events_in_request"))
      vector.event_count = line["events_in_request"].GetInt();
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

// What the vectors call what becomes of the events after `verdict`.
std::vector<std::string> NamesOf(Verdict verdict, int event_count) {
  switch (verdict) {
    case Verdict::kDelivered:
      return {"delivered"};
    case Verdict::kRefused:
      return {"reject_permanently", "partial"};
    case Verdict::kTooLarge:
      return {event_count == 1 ? "reject_permanently" : "retry"};
    default:
      return {"retry"};
  }
}

bool Passes(const Vector& vector) {
  for (const std::string& name : NamesOf(VerdictOf(vector.reply), vector.event_count)) {
    for (const std::string& accepted : vector.accepted) {
      if (name == accepted) return true;
    }
  }
  return false;
}

std::vector<std::string> FailuresAt(std::string_view level) {
  std::vector<std::string> failures;
  for (const Vector& vector : LoadVectors()) {
    if (vector.level == level && !Passes(vector)) failures.push_back(vector.id);
  }
  return failures;
}

// Bodies that are almost Snap's.
TEST(DecideTest, DamagedVectorsHaveAVerdictAndNameNoEventThatIsNotThere) {
  std::mt19937_64 random(20261123);
  for (const Vector& vector : LoadVectors()) {
    for (int round = 0; round < 500 && !vector.reply.body.empty(); ++round) {
      SnapReply reply = vector.reply;
      for (uint64_t i = random() % 4; i < 4; ++i) {
        const size_t at = random() % reply.body.size();
        if (random() % 2 == 0) reply.body[at] = static_cast<char>(random());
        if (random() % 2 == 0) reply.body.insert(at, std::to_string(random() % 4));
        if (random() % 4 == 0) reply.body.resize(at + 1);
      }
      const Decision decision = Decide(reply, Now());
      ASSERT_LE(decision.snap_reason.size(), 512);
      for (const int index : NamedEvents(decision, vector.event_count)) {
        ASSERT_TRUE(index >= 0 && index < vector.event_count) << reply.body;
      }
      for (const RefusedEvent& event :
           RefusedByValidation(snap::DecodeEventVerdicts(reply.body), vector.event_count)) {
        ASSERT_TRUE(event.index >= 0 && event.index < vector.event_count) << reply.body;
      }
    }
  }
}

TEST(ConformanceTest, AllVectorsAreThere) { EXPECT_EQ(LoadVectors().size(), 50); }

TEST(ConformanceTest, EveryMustPasses) { EXPECT_THAT(FailuresAt("must"), IsEmpty()); }

// These three hold a 2xx without Snap's word for a success; the delivery protocol calls it a doubt,
// because a proxy can answer so (docs/decisions/0015).
TEST(ConformanceTest, EveryShouldPassesButThree) {
  EXPECT_THAT(FailuresAt("should"), UnorderedElementsAre("seg-empty-obj", "der-202", "der-204"));
}

TEST(ConformanceTest, AmbiguousOnesArePinned) { EXPECT_THAT(FailuresAt("ambiguous"), IsEmpty()); }

}  // namespace
}  // namespace snapledger::dispatch
