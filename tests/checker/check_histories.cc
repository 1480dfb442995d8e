#include <algorithm>
#include <optional>
#include <tuple>

#include "services/base/text.h"
#include "services/dispatch/deadlines.h"
#include "tests/checker/checks.h"

namespace snapledger::checker {
namespace {

using storage::AttemptOutcome;
using storage::DeliveryState;

const Micros kWindowMargin = absl::ToInt64Microseconds(dispatch::kWindowMargin);
// The frozen event has its time in whole seconds.
constexpr Micros kSecond = 1'000'000;

bool IsOneOf(DeliveryState state, std::initializer_list<DeliveryState> states) {
  return std::find(states.begin(), states.end(), state) != states.end();
}

bool IsAllowed(const AttemptFacts& attempt) {
  const bool doubted = attempt.from_state == DeliveryState::kInDoubt;
  const DeliveryState to = attempt.to_state;
  const DeliveryState back = doubted ? DeliveryState::kInDoubt : DeliveryState::kPending;
  switch (attempt.outcome) {
    case AttemptOutcome::kDelivered:
      return to == DeliveryState::kDelivered;
    case AttemptOutcome::kRefused:
      if (doubted) return to == back || to == DeliveryState::kExpiredInDoubt;
      return IsOneOf(to, {back, DeliveryState::kRejected, DeliveryState::kExhausted});
    case AttemptOutcome::kThrottled:
    case AttemptOutcome::kNotSent:
    case AttemptOutcome::kHeld:
      return to == back;
    case AttemptOutcome::kUnknown:
      return to == DeliveryState::kInDoubt;
    case AttemptOutcome::kOpen:
      break;
  }
  return false;
}

bool MayOperator(DeliveryState from, DeliveryState to) {
  switch (from) {
    case DeliveryState::kPending:
      return IsOneOf(to, {from, DeliveryState::kCanceled});
    case DeliveryState::kInDoubt:
      return IsOneOf(to, {from, DeliveryState::kCanceled, DeliveryState::kDelivered});
    case DeliveryState::kExpiredInDoubt:
      return IsOneOf(to, {DeliveryState::kInDoubt, DeliveryState::kDelivered});
    case DeliveryState::kRejected:
    case DeliveryState::kExpired:
    case DeliveryState::kExhausted:
    case DeliveryState::kCanceled:
      return IsOneOf(to, {DeliveryState::kPending, DeliveryState::kInDoubt});
    default:
      return false;
  }
}

bool MayDispatcher(DeliveryState from, DeliveryState to) {
  switch (from) {
    case DeliveryState::kPending:
      return IsOneOf(to, {from, DeliveryState::kExpired, DeliveryState::kExhausted});
    case DeliveryState::kInFlight:
      // Delivered: an earlier attempt's success came late.
      return IsOneOf(to, {DeliveryState::kRejected, DeliveryState::kExhausted,
                          DeliveryState::kExpiredInDoubt, DeliveryState::kDelivered});
    case DeliveryState::kInDoubt:
      return IsOneOf(to, {from, DeliveryState::kExpiredInDoubt, DeliveryState::kDelivered});
    default:
      return false;
  }
}

bool ForgetsDoubt(DeliveryState state) {
  return IsOneOf(state, {DeliveryState::kPending, DeliveryState::kRejected, DeliveryState::kExpired,
                         DeliveryState::kExhausted});
}

// One thing that befell an event. At one moment they happen in the order of their kinds: a verdict
// of its own takes an event out of an attempt before that ends.
struct Fact {
  enum class Kind { kDeparture, kRecorded, kTransition, kSent };
  Micros time = 0;
  Kind kind = Kind::kSent;
  const AttemptFacts* attempt = nullptr;
  const TransitionFacts* transition = nullptr;
};

class Replay {
 public:
  Replay(const Evidence& evidence, const Books& books, Report* report)
      : evidence_(evidence), books_(books), report_(*report) {}

  void Run(uint32_t index) {
    event_ = &evidence_.events[index];
    const SliceFacts* const slice = books_.SliceOf(*event_);
    if (slice == nullptr) return;
    state_ = slice->state == DeliveryState::kSuppressed ? DeliveryState::kSuppressed
                                                        : DeliveryState::kPending;
    ever_doubted_ = departed_ = false;
    window_start_.reset();
    Gather(index);
    for (const Fact& fact : facts_) Apply(fact);
    if (state_ != slice->state) {
      Violate(2, base::Concat("is ", StateName(slice->state), " and was left ", StateName(state_)));
    }
    CheckChain(books_.AttemptsOf(index), *slice);
  }

  int64_t changes() const { return changes_; }
  int64_t resends() const { return resends_; }
  int64_t attempts() const { return attempts_; }

 private:
  void Gather(uint32_t index) {
    facts_.clear();
    for (const EventAttempt& carried : books_.AttemptsOf(index)) {
      const AttemptFacts& attempt = evidence_.attempts[carried.attempt];
      facts_.push_back({.time = attempt.sent_time, .kind = Fact::Kind::kSent, .attempt = &attempt});
      if (attempt.outcome == AttemptOutcome::kOpen) continue;
      facts_.push_back(
          {.time = attempt.recorded_time, .kind = Fact::Kind::kRecorded, .attempt = &attempt});
    }
    for (const TransitionFacts* const transition : books_.TransitionsOf(*event_)) {
      const bool departure = transition->from_state == DeliveryState::kInFlight;
      facts_.push_back({.time = transition->time,
                        .kind = departure ? Fact::Kind::kDeparture : Fact::Kind::kTransition,
                        .transition = transition});
    }
    std::sort(facts_.begin(), facts_.end(), [](const Fact& a, const Fact& b) {
      return std::tie(a.time, a.kind) < std::tie(b.time, b.kind);
    });
  }

  void Apply(const Fact& fact) {
    ++changes_;
    if (fact.kind == Fact::Kind::kSent) {
      ApplySent(*fact.attempt);
    } else if (fact.kind == Fact::Kind::kRecorded) {
      // It left the attempt by a verdict of its own.
      if (departed_) {
        departed_ = false;
        return;
      }
      if (!IsAllowed(*fact.attempt)) {
        Violate(2, base::Concat(StateName(fact.attempt->from_state), " became ",
                                StateName(fact.attempt->to_state), " by outcome ",
                                static_cast<int>(fact.attempt->outcome), " of ",
                                Describe(*fact.attempt)));
      }
      Move(DeliveryState::kInFlight, fact.attempt->to_state);
    } else {
      ApplyTransition(*fact.transition);
    }
  }

  void ApplySent(const AttemptFacts& attempt) {
    if (attempt.from_state != DeliveryState::kPending &&
        attempt.from_state != DeliveryState::kInDoubt) {
      Violate(2, "was sent from " + StateName(attempt.from_state));
    }
    CheckWindow(attempt);
    if (!window_start_.has_value()) window_start_ = attempt.sent_time;
    Move(attempt.from_state, DeliveryState::kInFlight);
  }

  void ApplyTransition(const TransitionFacts& transition) {
    const bool allowed = transition.by_operator
                             ? MayOperator(transition.from_state, transition.to_state)
                             : MayDispatcher(transition.from_state, transition.to_state);
    if (!allowed) {
      Violate(2, base::Concat(StateName(transition.from_state), " became ",
                              StateName(transition.to_state),
                              transition.by_operator ? " by an operator" : ""));
    }
    departed_ = transition.from_state == DeliveryState::kInFlight;
    // An operator may let a new window begin.
    if (transition.by_operator) window_start_.reset();
    Move(transition.from_state, transition.to_state);
  }

  void Move(DeliveryState from, DeliveryState to) {
    if (state_ != from) {
      Violate(2, base::Concat("went from ", StateName(from), " to ", StateName(to), " while ",
                              StateName(state_)));
    }
    state_ = to;
    ever_doubted_ = ever_doubted_ || to == DeliveryState::kInDoubt;
    if (ever_doubted_ && ForgetsDoubt(to)) Violate(2, "was in doubt and became " + StateName(to));
    if (to == DeliveryState::kPending) window_start_.reset();
  }

  void CheckWindow(const AttemptFacts& attempt) {
    const DestinationFacts& destination = evidence_.destinations[event_->destination];
    if (attempt.sent_time >= event_->event_time + destination.max_age + kSecond) {
      Violate(13, "was sent when it was too old, by " + Describe(attempt));
    }
    if (!window_start_.has_value() || attempt.from_state != DeliveryState::kInDoubt) return;
    ++resends_;
    const Micros window = event_->purchase_with_order_id ? destination.purchase_dedup_window
                                                         : destination.dedup_window;
    const Micros age = attempt.sent_time - *window_start_;
    if (age < window - kWindowMargin) return;
    Violate(13, base::Concat("was sent again ", age / kSecond,
                             " s after its first send, later than its window allows, by ",
                             Describe(attempt)));
  }

  void CheckChain(absl::Span<const EventAttempt> carried, const SliceFacts& slice) {
    attempts_ += static_cast<int64_t>(carried.size());
    if (static_cast<int64_t>(carried.size()) != slice.attempt_count) {
      Violate(4, base::Concat("has ", carried.size(), " attempts, its slice counts ",
                              slice.attempt_count));
    }
    const AttemptFacts* before = nullptr;
    int64_t fence = 0;
    for (const EventAttempt& one : carried) {
      const AttemptFacts& attempt = evidence_.attempts[one.attempt];
      const SentSlice& sent = evidence_.sent_slices[one.slice];
      if (sent.fence <= fence) Violate(3, "its fence did not grow in " + Describe(attempt));
      const storage::Uuid previous = before == nullptr ? storage::Uuid{} : before->id;
      if (sent.previous_attempt != previous) {
        Violate(3, "another attempt stands as the one before " + Describe(attempt));
      }
      if (before != nullptr && attempt.sent_time < before->recorded_time) {
        Violate(3, base::Concat("had two open attempts: ", Describe(*before), " and ",
                                Describe(attempt)));
      }
      fence = sent.fence;
      before = &attempt;
    }
    if (before != nullptr && slice.fence != fence) {
      Violate(3, base::Concat("has fence ", slice.fence, ", its last attempt ", fence));
    }
  }

  void Violate(int invariant, const std::string& what) {
    report_.Violation(invariant, base::Concat(Describe(evidence_, *event_), " ", what));
  }

  const Evidence& evidence_;
  const Books& books_;
  Report& report_;
  const EventFacts* event_ = nullptr;
  std::vector<Fact> facts_;
  DeliveryState state_{};
  bool ever_doubted_ = false;
  bool departed_ = false;
  std::optional<Micros> window_start_;
  int64_t changes_ = 0, resends_ = 0, attempts_ = 0;
};

// A slice in flight has one open attempt with its fence, and an open attempt has its slices.
void CheckOwners(const Evidence& evidence, const Books& books, Report* report) {
  for (const SliceFacts& slice : evidence.slices) {
    if (slice.state != DeliveryState::kInFlight) continue;
    const AttemptFacts* const attempt = books.AttemptById(slice.last_attempt);
    if (attempt == nullptr || attempt->outcome != AttemptOutcome::kOpen) {
      report->Violation(3, "in flight without an open attempt: " + Describe(slice));
    }
  }
  int64_t open = 0;
  for (const AttemptFacts& attempt : evidence.attempts) {
    if (attempt.outcome != AttemptOutcome::kOpen) continue;
    ++open;
    for (uint32_t i = 0; i < attempt.slice_count; ++i) {
      const SentSlice& sent = evidence.sent_slices[attempt.first_slice + i];
      for (const uint32_t event :
           books.EventsAt(attempt.shard, sent.lot_id, sent.first_position, sent.last_position)) {
        const SliceFacts* const slice = books.SliceOf(evidence.events[event]);
        if (slice != nullptr && slice->state == DeliveryState::kInFlight &&
            slice->last_attempt == attempt.id && slice->fence == sent.fence) {
          continue;
        }
        report->Violation(3, base::Concat(Describe(attempt), " is open and does not own ",
                                          Describe(evidence, evidence.events[event])));
      }
    }
  }
  report->Checked(3, static_cast<int64_t>(evidence.attempts.size()), "attempts");
  report->Checked(3, open, "of them open");
}

}  // namespace

void CheckHistories(const Evidence& evidence, const Books& books, Report* report) {
  Replay replay(evidence, books, report);
  int64_t events = 0;
  for (uint32_t i = 0; i < evidence.events.size(); ++i) {
    if (!evidence.events[i].stored) continue;
    replay.Run(i);
    ++events;
  }
  report->Checked(2, replay.changes(), base::Concat("changes of ", events, " events"));
  report->Checked(4, replay.attempts(), "attempts of events");
  report->Checked(13, replay.attempts(), "sends of events");
  report->Checked(13, replay.resends(), "of them re-sends of doubt");
  CheckOwners(evidence, books, report);
}

}  // namespace snapledger::checker
