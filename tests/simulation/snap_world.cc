#include "tests/simulation/snap_world.h"

#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace snapledger::simulation {
namespace {

constexpr char kValid[] =
    R"({"status":"VALID","reason":"Events have been processed successfully."})";

std::array<uint8_t, 32> Sha256(std::string_view text) {
  std::array<uint8_t, 32> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

snap::SnapReply Answer(int status, std::string body) {
  return {.transport = snap::Transport::kAnswered,
          .http_status = status,
          .body_complete = true,
          .body = std::move(body)};
}

snap::SnapReply Broken(std::string error) {
  return {.transport = snap::Transport::kBroken, .error = std::move(error)};
}

// The events of a body as they stand in it: {"data":[e1,e2]}; ours have no braces inside.
std::vector<std::string> SplitEvents(std::string_view body) {
  std::vector<std::string> events;
  size_t at = body.find('[');
  while (at != std::string_view::npos) {
    const size_t open = body.find('{', at);
    if (open == std::string_view::npos) break;
    const size_t close = body.find('}', open);
    events.emplace_back(body.substr(open, close - open + 1));
    at = close;
  }
  return events;
}

std::string IdOf(std::string_view json) {
  constexpr std::string_view kMember = "\"event_id\":\"";
  const size_t at = json.find(kMember) + kMember.size();
  return std::string(json.substr(at, json.find('"', at) - at));
}

}  // namespace

SnapWorld::Arrival SnapWorld::Read(std::string_view body) const {
  Arrival arrival = {.body = std::string(body)};
  for (const std::string& event : SplitEvents(body)) arrival.event_ids.push_back(IdOf(event));
  const std::array<uint8_t, 32> digest = Sha256(body);
  for (const auto& [id, attempt] : ledger_.attempts()) {
    const bool later = arrival.attempt == nullptr || attempt.sent_time > arrival.attempt->sent_time;
    if (attempt.body_sha256 == digest && later) arrival.attempt = &attempt;
  }
  return arrival;
}

void SnapWorld::CheckEvent(const std::string& id, std::string_view json) {
  EventLog& log = events_[id];
  if (log.arrivals++ == 0) {
    log.first_arrival = Now();
    log.json = std::string(json);
  } else if (log.json != json) {
    violations_.Add("I12 same bytes", id);
  }
  if (Now() > log.first_arrival + dedup_window_) violations_.Add("I13 inside its window", id);
}

void SnapWorld::CheckRate() {
  const absl::Time now = Now();
  arrival_times_.push_back(now);
  const auto begin =
      std::upper_bound(arrival_times_.begin(), arrival_times_.end(), now - absl::Seconds(10));
  const auto in_window = static_cast<double>(arrival_times_.end() - begin);
  // One more for the edge of the window, and those that were on their way.
  if (in_window > 10 * requests_per_second_ + 3) {
    violations_.Add("I17 rate", absl::StrCat(in_window, " requests in 10 s"));
  }
}

// What was claimed before a Retry-After was on record could not know of it.
void SnapWorld::CheckRetryAfter(const MemoryAttempt& attempt) {
  for (const auto& [id, wait] : throttled_) {
    const MemoryAttempt& told = *ledger_.FindAttempt(id);
    if (told.outcome != storage::AttemptOutcome::kThrottled) continue;
    if (attempt.sent_time > *told.recorded_time && Now() < *told.recorded_time + wait) {
      violations_.Add("I17 retry-after", "a request was claimed before Retry-After was over");
    }
  }
}

// What was claimed before the breaker changed could not know of it.
void SnapWorld::CheckPace(const MemoryAttempt& attempt) {
  const storage::Pace& pace = ledger_.pace(attempt.shard);
  const bool after = attempt.sent_time > pace.breaker_change_time;
  const bool open = pace.breaker == storage::BreakerState::kOpen;
  const bool half_open = pace.breaker == storage::BreakerState::kHalfOpen;
  const bool trial = pace.trial_attempt_id == attempt.attempt_id;
  const bool trial_over = pace.trial_time <= Now() || attempt.lease_end_time <= Now();
  if (after && (open || (half_open && !trial && !trial_over && pace.trial_attempt_id))) {
    violations_.Add("breaker", "a request passed that is not the trial");
  }
  const absl::Duration interval = absl::Seconds(1 / requests_per_second_ / attempt.rate_share);
  for (const auto& [id, other] : ledger_.attempts()) {
    const bool is_before = other.sequence + 1 == attempt.sequence;
    if (is_before && attempt.sent_time - other.sent_time < interval - absl::Milliseconds(1)) {
      violations_.Add("limiter", "a request was claimed faster than the reduced rate");
    }
  }
}

void SnapWorld::CheckArrival(const Arrival& arrival) {
  if (arrival.attempt == nullptr) {
    violations_.Add("I9 no ghost", "a request no attempt stands for");
    return;
  }
  CheckRetryAfter(*arrival.attempt);
  CheckPace(*arrival.attempt);
  const std::vector<std::string> events = SplitEvents(arrival.body);
  for (size_t i = 0; i < events.size(); ++i) CheckEvent(arrival.event_ids[i], events[i]);
  CheckRate();
}

std::vector<int> SnapWorld::RefusedOf(const Arrival& arrival) const {
  std::vector<int> refused;
  for (size_t i = 0; i < arrival.event_ids.size(); ++i) {
    if (refused_events.contains(arrival.event_ids[i])) refused.push_back(static_cast<int>(i));
  }
  return refused;
}

snap::SnapReply SnapWorld::Process(const Arrival& arrival) {
  const std::vector<int> refused = RefusedOf(arrival);
  if (!refused.empty()) {
    const std::string named =
        faults.answer_names ? absl::StrCat(",\"event\":", refused.front()) : "";
    return Answer(400, absl::StrCat(R"({"status":"INVALID","reason":"bad event")", named, "}"));
  }
  for (const std::string& id : arrival.event_ids) events_[id].taken = true;
  return Answer(200, kValid);
}

snap::SnapReply SnapWorld::Validate(const Arrival& arrival) const {
  const std::vector<int> refused = RefusedOf(arrival);
  if (!faults.validate_names || refused.empty()) return Answer(200, kValid);
  std::string logs;
  for (size_t i = 0; i < arrival.event_ids.size(); ++i) {
    const bool bad =
        std::find(refused.begin(), refused.end(), static_cast<int>(i)) != refused.end();
    absl::StrAppend(&logs, logs.empty() ? "" : ",", R"({"event":)", i, R"(,"status":")",
                    bad ? "INVALID" : "VALID", R"(","errors":{"error_msgs":["bad event"]}})");
  }
  return Answer(400, absl::StrCat(R"({"status":"INVALID","event_logs":[)", logs, "]}"));
}

snap::SnapReply SnapWorld::Throttle(const Arrival& arrival) {
  snap::SnapReply reply = Answer(429, "");
  if (random_.Chance(0.5)) {
    const auto seconds = static_cast<int64_t>(1 + random_.Below(30));
    reply.retry_after = absl::StrCat(seconds);
    if (arrival.attempt != nullptr) {
      throttled_[arrival.attempt->attempt_id] = absl::Seconds(seconds);
    }
  }
  return reply;
}

snap::SnapReply SnapWorld::Exchange(const snap::SnapRequest& request, PlantedBug bug) {
  ++requests_;
  std::string body(request.body);
  if (bug == PlantedBug::kBytesChanged && random_.Chance(0.2)) body.insert(body.size() - 2, 1, ' ');
  if (random_.Chance(faults.not_sent)) {
    scheduler_.Sleep(random_.Between(absl::ZeroDuration(), request.connect_timeout));
    return {.transport = snap::Transport::kNotSent, .error = "no connection"};
  }
  scheduler_.Sleep(random_.Between(absl::Milliseconds(1), absl::Milliseconds(50)));
  const Arrival arrival = Read(body);
  if (request.endpoint == snap::SnapRequest::Endpoint::kValidate) {
    scheduler_.Sleep(random_.Between(absl::Milliseconds(10), absl::Milliseconds(500)));
    if (random_.Chance(faults.unauthorised)) return Answer(401, "");
    return Validate(arrival);
  }
  if (random_.Chance(faults.request_lost)) {
    scheduler_.Sleep(request.timeout);
    return Broken("no answer in time");
  }
  CheckArrival(arrival);
  if (random_.Chance(faults.unauthorised)) return Answer(401, "");
  if (random_.Chance(faults.throttled)) return Throttle(arrival);
  if (random_.Chance(faults.server_error)) {
    if (random_.Chance(0.5)) Process(arrival);
    return Answer(500, "<html>");
  }
  const snap::SnapReply reply = Process(arrival);
  if (bug == PlantedBug::kSentTwice) {
    CheckArrival(arrival);
    Process(arrival);
  }
  if (random_.Chance(faults.answer_lost)) {
    scheduler_.Sleep(request.timeout);
    return Broken("no answer in time");
  }
  // Slow answers too, up to the time limit.
  const bool slow = random_.Chance(0.05);
  scheduler_.Sleep(slow ? random_.Between(absl::Seconds(1), request.timeout)
                        : random_.Between(absl::Milliseconds(10), absl::Milliseconds(800)));
  if (random_.Chance(faults.half_answer)) {
    return {.transport = snap::Transport::kAnswered,
            .http_status = reply.http_status,
            .body = reply.body.substr(0, reply.body.size() / 2),
            .error = "the answer was cut"};
  }
  if (random_.Chance(faults.unknown_answer)) return Answer(200, "{\"ok\":1}");
  if (reply.http_status == 200) {
    for (const std::string& id : arrival.event_ids) events_[id].answered_valid = true;
  }
  return reply;
}

}  // namespace snapledger::simulation
