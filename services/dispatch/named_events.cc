#include "services/dispatch/named_events.h"

#include <algorithm>
#include <optional>
#include <set>

namespace snapledger::dispatch {
namespace {

// What is to be taken from a number to have a place from 0, where the numbers leave no doubt.
std::optional<int> BaseOf(const std::vector<snap::EventVerdict>& verdicts, int event_count) {
  std::set<int> numbers;
  for (const snap::EventVerdict& verdict : verdicts) {
    if (!verdict.event_index.has_value()) return std::nullopt;
    if (!numbers.insert(*verdict.event_index).second) return std::nullopt;
  }
  if (numbers.empty() || *numbers.begin() < 0 || *numbers.rbegin() > event_count) {
    return std::nullopt;
  }
  const bool from_zero = *numbers.begin() == 0;
  const bool from_one = *numbers.rbegin() == event_count;
  if (from_zero == from_one) return std::nullopt;
  return from_one ? 1 : 0;
}

bool IsOneUnnumberedLogPerEvent(const std::vector<snap::EventVerdict>& verdicts, int event_count) {
  return static_cast<int>(verdicts.size()) == event_count &&
         std::none_of(verdicts.begin(), verdicts.end(), [](const snap::EventVerdict& verdict) {
           return verdict.event_index.has_value();
         });
}

}  // namespace

std::vector<int> NamedEvents(const Decision& decision, int event_count) {
  std::set<int> places(decision.record_indexes.begin(), decision.record_indexes.end());
  if (places.empty() && decision.event_index.has_value()) {
    const int number = *decision.event_index;
    if (number < 0 || number > event_count) return {};
    if (number > 0) places.insert(number - 1);
    if (number < event_count) places.insert(number);
  }
  if (!places.empty() && (*places.begin() < 0 || *places.rbegin() >= event_count)) return {};
  return {places.begin(), places.end()};
}

std::vector<RefusedEvent> RefusedByValidation(const std::vector<snap::EventVerdict>& verdicts,
                                              int event_count) {
  const std::optional<int> base = BaseOf(verdicts, event_count);
  if (!base.has_value() && !IsOneUnnumberedLogPerEvent(verdicts, event_count)) return {};
  std::vector<RefusedEvent> refused;
  for (size_t i = 0; i < verdicts.size(); ++i) {
    if (verdicts[i].status != snap::SnapAnswer::Status::kInvalid) continue;
    const int index = base.has_value() ? *verdicts[i].event_index - *base : static_cast<int>(i);
    refused.push_back({index, verdicts[i].reason});
  }
  std::sort(refused.begin(), refused.end(),
            [](const RefusedEvent& a, const RefusedEvent& b) { return a.index < b.index; });
  return refused;
}

}  // namespace snapledger::dispatch
