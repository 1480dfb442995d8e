#include "services/matchrate/observation_choice.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace snapledger::matchrate {
namespace {

using storage::MatchObservationRow;

bool Meet(const std::string& one, const std::string& other) {
  return one.empty() || other.empty() || one == other;
}

bool LaterRecorded(const MatchObservationRow& one, const MatchObservationRow& other) {
  return std::tie(other.record_time, other.observation_id) <
         std::tie(one.record_time, one.observation_id);
}

bool SharesEventsWithAny(const MatchObservationRow& one, const Observations& others) {
  return std::any_of(others.begin(), others.end(), [&one](const MatchObservationRow& other) {
    return MayShareEvents(one, other);
  });
}

bool Within(const std::vector<std::string>& wanted, const std::string& text) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), text) != wanted.end();
}

bool Inside(const MatchObservationRow& observation, const ObservedScope& scope) {
  return observation.window_start >= scope.start && observation.window_end <= scope.end &&
         Within(scope.event_names, observation.event_name) &&
         Within(scope.sources, observation.source);
}

// One name in the scope: an observation of that name is of the whole.
bool IsPart(const std::vector<std::string>& scope, const std::string& text) {
  return scope.size() == 1 ? text != scope[0] : !text.empty();
}

int Wideness(const MatchObservationRow& observation) {
  return (observation.event_name.empty() ? 1 : 0) + (observation.source.empty() ? 1 : 0);
}

bool Wider(const MatchObservationRow& one, const MatchObservationRow& other) {
  if (Wideness(one) != Wideness(other)) return Wideness(one) > Wideness(other);
  const absl::Duration length = one.window_end - one.window_start;
  const absl::Duration other_length = other.window_end - other.window_start;
  return length != other_length ? length > other_length : LaterRecorded(one, other);
}

}  // namespace

bool MayShareEvents(const MatchObservationRow& one, const MatchObservationRow& other) {
  return one.window_start < other.window_end && other.window_start < one.window_end &&
         Meet(one.event_name, other.event_name) && Meet(one.source, other.source) &&
         (one.kinds == 0 || other.kinds == 0 || one.kinds == other.kinds);
}

ObservationChoice ChooseForModel(Observations observations) {
  std::sort(observations.begin(), observations.end(),
            [](const MatchObservationRow& one, const MatchObservationRow& other) {
              const bool about_set = one.kinds != 0;
              if (about_set != (other.kinds != 0)) return about_set;
              return LaterRecorded(one, other);
            });
  ObservationChoice choice;
  for (MatchObservationRow& observation : observations) {
    Observations& side =
        SharesEventsWithAny(observation, choice.taken) ? choice.left_out : choice.taken;
    side.push_back(std::move(observation));
  }
  const auto earlier = [](const MatchObservationRow& one, const MatchObservationRow& other) {
    return LaterRecorded(other, one);
  };
  std::sort(choice.taken.begin(), choice.taken.end(), earlier);
  return choice;
}

ObservedCount CountObserved(std::span<const MatchObservationRow> observations,
                            const ObservedScope& scope, uint16_t kinds) {
  Observations inside;
  for (const MatchObservationRow& observation : observations) {
    if (observation.kinds == kinds && Inside(observation, scope)) inside.push_back(observation);
  }
  std::sort(inside.begin(), inside.end(), Wider);
  ObservedCount count;
  Observations taken;
  for (MatchObservationRow& observation : inside) {
    if (SharesEventsWithAny(observation, taken)) continue;
    count.matched += observation.matched;
    count.total += observation.total;
    count.through = std::max(count.through, observation.window_end);
    count.of_parts = count.of_parts || IsPart(scope.event_names, observation.event_name) ||
                     IsPart(scope.sources, observation.source);
    taken.push_back(std::move(observation));
  }
  return count;
}

}  // namespace snapledger::matchrate
