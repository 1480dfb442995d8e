#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "services/base/text.h"
#include "tests/checker/checks.h"

namespace snapledger::checker {
namespace {

using storage::AttemptOutcome;
using storage::DeliveryState;

// Database and emulator read one machine's clock, and an intent is older than what it lets out:
// only rounding stands between.
constexpr Micros kClockAllowance = 200;

// Whether the ledger could learn that a request was answered VALID: some attempt that may have been
// it has another outcome than unknown.
bool LedgerKnew(const Evidence& evidence, const Books& books, const RequestFacts& request) {
  const absl::Span<const uint32_t> attempts = books.AttemptsWithBody(request.body);
  return !attempts.empty() && std::none_of(attempts.begin(), attempts.end(), [&](uint32_t index) {
    const AttemptOutcome outcome = evidence.attempts[index].outcome;
    return outcome == AttemptOutcome::kUnknown || outcome == AttemptOutcome::kOpen;
  });
}

// Whether a request may be one of an owner that was held up beyond its lease, between its last look
// at the clock and the first byte: nothing can keep that back.
bool OwnerVanished(const Evidence& evidence, const Books& books, const RequestFacts& request) {
  const absl::Span<const uint32_t> attempts = books.AttemptsWithBody(request.body);
  return std::any_of(attempts.begin(), attempts.end(), [&evidence](uint32_t index) {
    return evidence.attempts[index].owner_vanished;
  });
}

// What the journal tells of one event.
class EventCheck {
 public:
  EventCheck(const Evidence& evidence, const Books& books, const CheckOptions& options,
             Report* report)
      : evidence_(evidence), books_(books), options_(options), report_(*report) {}

  void Run(uint32_t index) {
    event_ = &evidence_.events[index];
    arrivals_ = books_.ArrivalsOf(index);
    const SliceFacts* const slice = event_->stored ? books_.SliceOf(*event_) : nullptr;
    if (slice != nullptr && slice->state == DeliveryState::kDelivered) CheckDelivered();
    if (arrivals_.empty()) return;
    ++arrived_;
    CheckAccepted(slice);
    CheckBytes();
    CheckNumber(index);
    if (!options_.dedup_off) CheckCounted(slice);
  }

  void SayWhatWasChecked() {
    report_.Checked(10, delivered_, "delivered");
    if (by_operator_ > 0) {
      report_.Note(10, base::Concat(by_operator_, " delivered by an operator's word"));
    }
    report_.Checked(11, accepted_, "taken by Snap");
    report_.Checked(12, static_cast<int64_t>(evidence_.arrivals.size()), "arrivals");
    report_.Checked(14, static_cast<int64_t>(evidence_.arrivals.size()),
                    base::Concat("arrivals of ", arrived_, " events"));
    if (of_the_vanished_ > 0) {
      report_.Note(14,
                   base::Concat(of_the_vanished_, " late arrivals of owners that were held up"));
    }
    if (options_.dedup_off) {
      report_.NotChecked(16, "the emulator's deduplication is off");
    } else {
      report_.Checked(16, counted_, "counted");
    }
  }

 private:
  const RequestFacts& RequestOf(const Arrival& arrival) const {
    return evidence_.requests[arrival.request];
  }

  bool WasAnswered() const {
    return std::any_of(arrivals_.begin(), arrivals_.end(),
                       [this](const Arrival& arrival) { return RequestOf(arrival).delivered(); });
  }

  void CheckDelivered() {
    ++delivered_;
    if (WasAnswered()) return;
    for (const TransitionFacts* const transition : books_.TransitionsOf(*event_)) {
      if (!transition->by_operator || transition->to_state != DeliveryState::kDelivered) continue;
      ++by_operator_;
      return;
    }
    Violate(10, "is DELIVERED without a complete answer VALID");
  }

  void CheckAccepted(const SliceFacts* slice) {
    if (std::none_of(arrivals_.begin(), arrivals_.end(),
                     [](const Arrival& a) { return a.accepted; })) {
      return;
    }
    ++accepted_;
    if (slice == nullptr) return Violate(11, "was taken by Snap and is not stored");
    switch (slice->state) {
      case DeliveryState::kDelivered:
      case DeliveryState::kInDoubt:
      case DeliveryState::kExpiredInDoubt:
      case DeliveryState::kInFlight:
        return;
      case DeliveryState::kCanceled:
        if (slice->doubted) return;
        break;
      default:
        break;
    }
    Violate(11, "was taken by Snap and is " + StateName(slice->state));
  }

  void CheckBytes() {
    for (const Arrival& arrival : arrivals_) {
      const uint64_t expected =
          event_->frozen_bytes != 0 ? event_->frozen_bytes : arrivals_[0].bytes;
      if (arrival.bytes == expected) continue;
      Violate(12, "arrived with other bytes in " + Describe(evidence_, RequestOf(arrival)));
    }
  }

  void CheckNumber(uint32_t index) {
    const absl::Span<const EventAttempt> carried = books_.AttemptsOf(index);
    const auto attempts = static_cast<size_t>(
        std::count_if(carried.begin(), carried.end(), [this](const EventAttempt& one) {
          return evidence_.attempts[one.attempt].outcome != AttemptOutcome::kNotSent;
        }));
    if (arrivals_.size() > attempts) {
      Violate(14, base::Concat("arrived ", arrivals_.size(), " times in ", attempts,
                               " attempts that may have left"));
    }
    for (size_t i = 1; i < arrivals_.size(); ++i) {
      const RequestFacts& before = RequestOf(arrivals_[i - 1]);
      if (!before.delivered() || !LedgerKnew(evidence_, books_, before)) continue;
      if (OwnerVanished(evidence_, books_, RequestOf(arrivals_[i]))) {
        ++of_the_vanished_;
        continue;
      }
      Violate(14, base::Concat("arrived again in ", Describe(evidence_, RequestOf(arrivals_[i])),
                               ", after a VALID that was recorded"));
    }
  }

  void CheckCounted(const SliceFacts* slice) {
    int counted = 0;
    bool accepted = false, may_join = false;
    for (const Arrival& arrival : arrivals_) {
      counted += arrival.counted ? 1 : 0;
      accepted = accepted || arrival.accepted;
      may_join = may_join || arrival.may_join;
    }
    counted_ += counted;
    if (counted > 1) Violate(16, base::Concat("was counted ", counted, " times"));
    if (accepted && counted == 0 && !may_join) Violate(16, "was taken and not counted");
    if (counted > 0 && slice == nullptr) Violate(16, "was counted and is not stored");
  }

  void Violate(int invariant, const std::string& what) {
    report_.Violation(invariant, base::Concat(Describe(evidence_, *event_), " ", what));
  }

  const Evidence& evidence_;
  const Books& books_;
  const CheckOptions& options_;
  Report& report_;
  const EventFacts* event_ = nullptr;
  absl::Span<const Arrival> arrivals_;
  int64_t delivered_ = 0, by_operator_ = 0, accepted_ = 0, arrived_ = 0, counted_ = 0;
  int64_t of_the_vanished_ = 0;
};

// Every request has an attempt of its own: the n-th with a body, the n-th with that body.
void CheckIntents(const Evidence& evidence, const Books& books, Report* report) {
  std::vector<const RequestFacts*> requests;
  int64_t compressed = 0;
  for (const RequestFacts& request : evidence.requests) {
    if (request.validation || !request.has_body || request.destination < 0) continue;
    // The digest of the attempt is that of the body before it was compressed.
    if (evidence.destinations[request.destination].gzip_requests) {
      ++compressed;
    } else {
      requests.push_back(&request);
    }
  }
  std::sort(requests.begin(), requests.end(),
            [](const RequestFacts* a, const RequestFacts* b) { return a->time < b->time; });
  absl::flat_hash_map<Sha256Bytes, size_t> seen;
  for (const RequestFacts* const request : requests) {
    const absl::Span<const uint32_t> attempts = books.AttemptsWithBody(request->body);
    const size_t number = seen[request->body]++;
    if (number >= attempts.size()) {
      report->Violation(9, base::Concat(Describe(evidence, *request), " is number ", number + 1,
                                        " with its body, and that of ", attempts.size(),
                                        " attempts that may have left"));
    } else if (evidence.attempts[attempts[number]].sent_time > request->time + kClockAllowance) {
      report->Violation(9, base::Concat(Describe(evidence, *request), " arrived before ",
                                        Describe(evidence.attempts[attempts[number]])));
    }
  }
  report->Checked(9, static_cast<int64_t>(requests.size()), "requests");
  if (compressed > 0) {
    report->Note(9, base::Concat(compressed, " compressed requests were not looked at"));
  }
}

}  // namespace

void CheckDeliveries(const Evidence& evidence, const Books& books, const CheckOptions& options,
                     Report* report) {
  if (evidence.journals.empty()) {
    for (const int invariant : {9, 10, 11, 12, 14, 16}) {
      report->NotChecked(invariant, "no --journal");
    }
    return;
  }
  CheckIntents(evidence, books, report);
  EventCheck check(evidence, books, options, report);
  for (uint32_t i = 0; i < evidence.events.size(); ++i) check.Run(i);
  check.SayWhatWasChecked();
}

}  // namespace snapledger::checker
