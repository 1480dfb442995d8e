#include "tests/checker/run_logs.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "services/base/text.h"
#include "tests/checker/json_lines.h"
#include "tests/checker/load_log.h"

namespace snapledger::checker {
namespace {

const rapidjson::Value* ObjectMember(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member == object.MemberEnd() || !member->value.IsObject() ? nullptr : &member->value;
}

// The lines of one journal.
class JournalLines {
 public:
  JournalLines(int16_t journal, Evidence* evidence) : journal_(journal), evidence_(*evidence) {}

  absl::Status Take(const rapidjson::Value& line) {
    const std::string_view kind = TextMember(line, "kind");
    if (kind == "request") return TakeRequest(line);
    if (kind == "event") return TakeEvent(line);
    if (kind == "answer") TakeAnswer(line, Find(IntegerMember(line, "request")));
    return absl::OkStatus();
  }

 private:
  RequestFacts* Find(int64_t number) {
    const auto found = index_.find(number);
    return found == index_.end() ? nullptr : &evidence_.requests[found->second];
  }

  static void TakeAnswer(const rapidjson::Value& line, RequestFacts* request) {
    const rapidjson::Value* const answer = ObjectMember(line, "answer");
    if (request == nullptr || answer == nullptr) return;
    request->status = static_cast<int32_t>(IntegerMember(*answer, "status"));
    request->complete = YesMember(*answer, "complete");
    request->valid = YesMember(*answer, "valid");
    if (answer->HasMember("retry_after"))
      request->retry_after = NumberMember(*answer, "retry_after");
  }

  absl::Status TakeRequest(const rapidjson::Value& line) {
    const std::string_view endpoint = TextMember(line, "endpoint");
    if (endpoint != "events" && endpoint != "validate") return absl::OkStatus();
    index_[IntegerMember(line, "number")] = static_cast<uint32_t>(evidence_.requests.size());
    RequestFacts& request = evidence_.requests.emplace_back();
    request.number = IntegerMember(line, "number");
    request.journal = journal_;
    request.time = std::llround(NumberMember(line, "time") * 1e6);
    request.destination = evidence_.DestinationById(TextMember(line, "asset"));
    request.validation = endpoint == "validate";
    request.event_count = static_cast<int32_t>(IntegerMember(line, "events"));
    request.has_body = ParseSha256(TextMember(line, "body_sha256"), &request.body);
    request.has_token = ParseSha256(TextMember(line, "token_sha256"), &request.token);
    TakeAnswer(line, &request);
    return absl::OkStatus();
  }

  absl::Status TakeEvent(const rapidjson::Value& line) {
    const auto request = index_.find(IntegerMember(line, "request"));
    if (request == index_.end()) return absl::OkStatus();
    const RequestFacts& facts = evidence_.requests[request->second];
    if (facts.validation) return absl::OkStatus();
    Arrival arrival;
    Sha256Bytes digest{};
    if (!ParseSha256(TextMember(line, "event_sha256"), &digest)) {
      return absl::InvalidArgumentError("an event without its digest");
    }
    arrival.bytes = Beginning(digest);
    arrival.event = evidence_.EventOf(facts.destination, TextMember(line, "event_id"));
    arrival.request = request->second;
    arrival.accepted = YesMember(line, "accepted") && !YesMember(line, "test");
    arrival.counted = YesMember(line, "counted");
    const rapidjson::Value* const event = ObjectMember(line, "event");
    if (event != nullptr) {
      const rapidjson::Value* const custom = ObjectMember(*event, "custom_data");
      arrival.may_join = custom != nullptr && custom->HasMember("order_id");
    }
    evidence_.arrivals.push_back(arrival);
    return absl::OkStatus();
  }

  const int16_t journal_;
  Evidence& evidence_;
  std::unordered_map<int64_t, uint32_t> index_;  // of requests, by number
};

}  // namespace

absl::Status ReadJournal(const std::string& path, Evidence* evidence) {
  evidence->journals.push_back(path);
  JournalLines lines(static_cast<int16_t>(evidence->journals.size() - 1), evidence);
  return ReadJsonLines(path, [&lines](const rapidjson::Value& line) { return lines.Take(line); });
}

void SortArrivals(Evidence* evidence) {
  const auto time_of = [evidence](const Arrival& arrival) {
    return evidence->requests[arrival.request].time;
  };
  std::sort(evidence->arrivals.begin(), evidence->arrivals.end(),
            [&time_of](const Arrival& a, const Arrival& b) {
              if (a.event != b.event) return a.event < b.event;
              if (time_of(a) != time_of(b)) return time_of(a) < time_of(b);
              return a.request < b.request;
            });
}

absl::Status ReadLoad(const std::string& path, Evidence* evidence, Report* report) {
  return ReadLoadLog(path, [&](const LoadCall& call) {
    const int16_t destination = evidence->DestinationById(call.destination);
    for (size_t i = 0; i < call.event_ids.size(); ++i) {
      const bool acknowledged = i < call.verdicts.size() && call.verdicts[i] != "REJECTED" &&
                                call.verdicts[i] != "UNSPECIFIED";
      if (destination < 0) {
        if (acknowledged) {
          report->Violation(1, base::Concat("acknowledged for a destination that is not there: ",
                                            call.destination));
        }
        continue;
      }
      EventFacts& event = evidence->events[evidence->EventOf(destination, call.event_ids[i])];
      event.offered = true;
      event.acknowledged = event.acknowledged || acknowledged;
    }
  });
}

}  // namespace snapledger::checker
