#include <algorithm>
#include <cmath>

#include "services/base/text.h"
#include "tests/checker/checks.h"

namespace snapledger::checker {
namespace {

using storage::AttemptOutcome;

constexpr Micros kSecond = 1'000'000;
constexpr Micros kWindow = 10 * kSecond;
// A claim that is older is given back unsent (dispatch/delivery_pass.cc), so that no request may
// lag further behind its turn, but for the scheduling of threads.
constexpr Micros kLagMax = 3 * kSecond;
constexpr Micros kScheduling = 50'000;

// A request that took a turn.
struct Turn {
  const RequestFacts* request = nullptr;
  Micros lag = 0;  // of its arrival behind the turn
  const AttemptFacts* attempt = nullptr;
};

// The attempt of a request: the last with its body that was sent before it.
const AttemptFacts* AttemptOf(const Evidence& evidence, const Books& books,
                              const RequestFacts& request) {
  const AttemptFacts* last = nullptr;
  if (request.validation || !request.has_body) return nullptr;
  for (const uint32_t index : books.AttemptsWithBody(request.body)) {
    const AttemptFacts& attempt = evidence.attempts[index];
    if (attempt.sent_time <= request.time) last = &attempt;
  }
  return last;
}

class DestinationPace {
 public:
  DestinationPace(const Evidence& evidence, int16_t destination, std::vector<Turn> turns,
                  Report* report)
      : evidence_(evidence),
        facts_(evidence.destinations[destination]),
        turns_(std::move(turns)),
        report_(*report) {
    std::sort(turns_.begin(), turns_.end(),
              [](const Turn& a, const Turn& b) { return a.request->time < b.request->time; });
  }

  // Requests of a window of arrivals had their turns within that and the difference of their lags.
  // Each lane has a gate and its share of the rate; a gate lets a request through at both ends.
  void CheckRate() {
    size_t begin = 0;
    for (size_t end = 0; end < turns_.size(); ++end) {
      while (turns_[end].request->time - turns_[begin].request->time > kWindow) ++begin;
      const size_t in_window = end - begin + 1;
      most_ = std::max(most_, in_window);
      if (static_cast<double>(in_window) <= Allowed(kWindow)) continue;
      const auto [least, most] =
          std::minmax_element(turns_.begin() + static_cast<ptrdiff_t>(begin),
                              turns_.begin() + static_cast<ptrdiff_t>(end) + 1,
                              [](const Turn& a, const Turn& b) { return a.lag < b.lag; });
      const Micros spread = std::min(most->lag - least->lag, kLagMax) + kScheduling;
      const double allowed = Allowed(kWindow + spread);
      if (static_cast<double>(in_window) <= allowed) continue;
      report_.Violation(
          17, base::Concat(facts_.id, ": ", in_window, " requests in the 10 s before ",
                           Describe(evidence_, *turns_[end].request), ", ", std::floor(allowed),
                           " are allowed"));
    }
  }

  // Claims after the answer was recorded must wait, whoever makes them; those before it are given
  // back when they are older than kLagMax.
  void CheckRetryAfter() {
    for (size_t i = 0; i < turns_.size(); ++i) {
      const RequestFacts& answered = *turns_[i].request;
      const AttemptFacts* const attempt = turns_[i].attempt;
      if (answered.retry_after <= 0 || !answered.complete || attempt == nullptr) continue;
      const bool known = attempt->outcome == AttemptOutcome::kThrottled ||
                         attempt->outcome == AttemptOutcome::kUnknown;
      if (!known || attempt->owner_vanished) continue;
      ++retry_afters_;
      const Micros until = answered.time + std::llround(answered.retry_after * 1e6);
      for (size_t j = i + 1; j < turns_.size() && turns_[j].request->time < until; ++j) {
        CheckEarly(answered, attempt->recorded_time, turns_[j]);
      }
    }
  }

  size_t most() const { return most_; }
  int64_t retry_afters() const { return retry_afters_; }

 private:
  double Allowed(Micros span) const {
    return facts_.max_requests_per_second * static_cast<double>(span) / kSecond + facts_.lane_count;
  }

  void CheckEarly(const RequestFacts& answered, Micros recorded, const Turn& turn) {
    const Micros turn_time = turn.request->time - turn.lag;
    const bool claimed_before = turn_time <= recorded;
    const Micros latest = recorded + (claimed_before ? kLagMax : 0) + kScheduling;
    if (turn.request->time <= latest) return;
    report_.Violation(
        17, base::Concat(Describe(evidence_, *turn.request), " came ",
                         static_cast<double>(turn.request->time - answered.time) / 1e6, " s after ",
                         Describe(evidence_, answered), ", whose answer asked to wait ",
                         answered.retry_after, " s"));
  }

  const Evidence& evidence_;
  const DestinationFacts& facts_;
  std::vector<Turn> turns_;  // by arrival
  Report& report_;
  size_t most_ = 0;
  int64_t retry_afters_ = 0;
};

}  // namespace

void CheckPace(const Evidence& evidence, const Books& books, Report* report) {
  if (evidence.journals.empty()) return report->NotChecked(17, "no --journal");
  std::vector<std::vector<Turn>> turns(evidence.destinations.size());
  int64_t requests = 0;
  for (const RequestFacts& request : evidence.requests) {
    // A validation of one event is the probe of a held destination, which is not paced.
    if (request.destination < 0 || (request.validation && request.event_count < 2)) continue;
    Turn turn = {.request = &request, .attempt = AttemptOf(evidence, books, request)};
    if (turn.attempt != nullptr) turn.lag = request.time - turn.attempt->sent_time;
    turns[request.destination].push_back(turn);
    ++requests;
  }
  int64_t retry_afters = 0;
  size_t most = 0;
  for (size_t i = 0; i < turns.size(); ++i) {
    DestinationPace pace(evidence, static_cast<int16_t>(i), std::move(turns[i]), report);
    pace.CheckRate();
    pace.CheckRetryAfter();
    retry_afters += pace.retry_afters();
    most = std::max(most, pace.most());
  }
  report->Checked(17, requests, base::Concat("requests, at most ", most, " in 10 s"));
  report->Checked(17, retry_afters, "times asked to wait");
}

}  // namespace snapledger::checker
