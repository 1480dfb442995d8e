#include "tests/checker/books.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace snapledger::checker {
namespace {

using Place = std::tuple<int32_t, int64_t, int16_t>;

Place PlaceOf(const EventFacts& event) { return {event.shard, event.lot_id, event.position}; }

}  // namespace

Books::Books(const Evidence& evidence) : evidence_(evidence) {
  for (uint32_t i = 0; i < evidence.events.size(); ++i) {
    if (evidence.events[i].stored) by_place_.push_back(i);
  }
  std::sort(by_place_.begin(), by_place_.end(), [&evidence](uint32_t a, uint32_t b) {
    return PlaceOf(evidence.events[a]) < PlaceOf(evidence.events[b]);
  });
  IndexAttempts();
  IndexArrivals();
}

void Books::IndexAttempts() {
  attempts_begin_.assign(evidence_.events.size() + 1, 0);
  const auto for_each_event = [this](const auto& take) {
    for (uint32_t i = 0; i < evidence_.attempts.size(); ++i) {
      const AttemptFacts& attempt = evidence_.attempts[i];
      for (uint32_t j = 0; j < attempt.slice_count; ++j) {
        const uint32_t slice = attempt.first_slice + j;
        const SentSlice& sent = evidence_.sent_slices[slice];
        for (const uint32_t event :
             EventsAt(attempt.shard, sent.lot_id, sent.first_position, sent.last_position)) {
          take(event, EventAttempt{i, slice});
        }
      }
    }
  };
  for_each_event([this](uint32_t event, const EventAttempt&) { ++attempts_begin_[event + 1]; });
  std::partial_sum(attempts_begin_.begin(), attempts_begin_.end(), attempts_begin_.begin());
  attempts_of_.resize(attempts_begin_.back());
  std::vector<uint64_t> next(attempts_begin_.begin(), attempts_begin_.end() - 1);
  for_each_event([this, &next](uint32_t event, const EventAttempt& attempt) {
    attempts_of_[next[event]++] = attempt;
  });
  for (uint32_t i = 0; i < evidence_.attempts.size(); ++i) {
    attempt_by_id_[evidence_.attempts[i].id] = i;
    if (evidence_.attempts[i].outcome == storage::AttemptOutcome::kNotSent) continue;
    attempts_by_body_[evidence_.attempts[i].body].push_back(i);
  }
}

void Books::IndexArrivals() {
  arrivals_begin_.assign(evidence_.events.size() + 1, 0);
  for (const Arrival& arrival : evidence_.arrivals) ++arrivals_begin_[arrival.event + 1];
  std::partial_sum(arrivals_begin_.begin(), arrivals_begin_.end(), arrivals_begin_.begin());
}

absl::Span<const uint32_t> Books::EventsAt(int32_t shard, int64_t lot_id, int16_t first,
                                           int16_t last) const {
  const auto before = [this](uint32_t event, const Place& place) {
    return PlaceOf(evidence_.events[event]) < place;
  };
  const auto after = [this](const Place& place, uint32_t event) {
    return place < PlaceOf(evidence_.events[event]);
  };
  const auto begin =
      std::lower_bound(by_place_.begin(), by_place_.end(), Place{shard, lot_id, first}, before);
  const auto end = std::upper_bound(begin, by_place_.end(), Place{shard, lot_id, last}, after);
  return absl::MakeConstSpan(by_place_).subspan(static_cast<size_t>(begin - by_place_.begin()),
                                                static_cast<size_t>(end - begin));
}

absl::Span<const EventAttempt> Books::AttemptsOf(uint32_t event) const {
  return absl::MakeConstSpan(attempts_of_)
      .subspan(attempts_begin_[event], attempts_begin_[event + 1] - attempts_begin_[event]);
}

absl::Span<const Arrival> Books::ArrivalsOf(uint32_t event) const {
  return absl::MakeConstSpan(evidence_.arrivals)
      .subspan(arrivals_begin_[event], arrivals_begin_[event + 1] - arrivals_begin_[event]);
}

std::vector<const TransitionFacts*> Books::TransitionsOf(const EventFacts& event) const {
  const auto begin =
      std::lower_bound(evidence_.transitions.begin(), evidence_.transitions.end(), event,
                       [](const TransitionFacts& transition, const EventFacts& wanted) {
                         return std::tie(transition.shard, transition.lot_id) <
                                std::tie(wanted.shard, wanted.lot_id);
                       });
  std::vector<const TransitionFacts*> found;
  for (auto transition = begin; transition != evidence_.transitions.end(); ++transition) {
    if (transition->shard != event.shard || transition->lot_id != event.lot_id) break;
    if (transition->first_position <= event.position &&
        event.position <= transition->last_position) {
      found.push_back(&*transition);
    }
  }
  return found;
}

const SliceFacts* Books::SliceOf(const EventFacts& event) const {
  auto after = std::upper_bound(
      evidence_.slices.begin(), evidence_.slices.end(), event,
      [](const EventFacts& wanted, const SliceFacts& slice) {
        return PlaceOf(wanted) < Place{slice.shard, slice.lot_id, slice.first_position};
      });
  if (after == evidence_.slices.begin()) return nullptr;
  const SliceFacts& slice = *--after;
  const bool holds = slice.shard == event.shard && slice.lot_id == event.lot_id &&
                     event.position <= slice.last_position;
  return holds ? &slice : nullptr;
}

const AttemptFacts* Books::AttemptById(const storage::Uuid& id) const {
  const auto found = attempt_by_id_.find(id);
  return found == attempt_by_id_.end() ? nullptr : &evidence_.attempts[found->second];
}

absl::Span<const uint32_t> Books::AttemptsWithBody(const Sha256Bytes& body) const {
  const auto found = attempts_by_body_.find(body);
  if (found == attempts_by_body_.end()) return {};
  return found->second;
}

}  // namespace snapledger::checker
