#include "services/operators/event_selection.h"

#include <algorithm>
#include <set>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "services/base/error_details.h"
#include "services/base/text.h"
#include "services/query/time_range.h"

namespace snapledger::operators {
namespace {

using storage::DeliveryState;
using Violations = std::vector<base::FieldViolation>;

void ReadIds(const v1::EventSelection& selection, EventSelection* read, Violations* violations) {
  if (selection.event_ids_size() > kSelectionIdsMax) {
    violations->push_back({"selection.event_ids", base::Concat("must be at most ", kSelectionIdsMax,
                                                               " ids; make several calls")});
    return;
  }
  if (selection.states_size() > 0 || selection.event_names_size() > 0 || selection.has_received()) {
    violations->push_back({"selection.event_ids",
                           "cannot stand beside states, event_names or received: give ids or "
                           "a filter"});
  }
  std::set<event::EventKey> keys;
  for (int i = 0; i < selection.event_ids_size(); ++i) {
    if (selection.event_ids(i).empty()) {
      violations->push_back({base::Concat("selection.event_ids[", i, "]"), "must not be empty"});
    }
    keys.insert(event::MakeEventKey(selection.event_ids(i)));
  }
  read->keys.assign(keys.begin(), keys.end());
}

void ReadStates(OperatorAct act, const v1::EventSelection& selection, EventSelection* read,
                Violations* violations) {
  std::set<DeliveryState> states;
  for (int i = 0; i < selection.states_size(); ++i) {
    const std::string field = base::Concat("selection.states[", i, "]");
    const int number = selection.states(i);
    if (number == v1::DELIVERY_STATE_UNSPECIFIED || !v1::DeliveryState_IsValid(number)) {
      violations->push_back({field, "must be a state"});
      continue;
    }
    const auto state = static_cast<DeliveryState>(number);
    const std::string_view why_not = WhyNot(act, state);
    if (!why_not.empty()) violations->push_back({field, std::string(why_not)});
    states.insert(state);
  }
  read->filter.states.assign(states.begin(), states.end());
  if (states.empty()) read->filter.states = DefaultStates(act);
}

void ReadNames(const v1::EventSelection& selection, EventSelection* read, Violations* violations) {
  if (selection.event_names_size() > kSelectionNamesMax) {
    violations->push_back(
        {"selection.event_names", base::Concat("must be at most ", kSelectionNamesMax, " names")});
    return;
  }
  for (int i = 0; i < selection.event_names_size(); ++i) {
    if (selection.event_names(i).empty()) {
      violations->push_back({base::Concat("selection.event_names[", i, "]"), "must not be empty"});
    }
    read->event_names.push_back(selection.event_names(i));
  }
}

void ReadReceived(const v1::EventSelection& selection, EventSelection* read,
                  Violations* violations) {
  const absl::StatusOr<query::ReadRange> range =
      query::ReadTimeRange(selection.received(), "selection.received");
  if (!range.ok()) {
    const Violations found = base::GetErrorDetails(range.status()).field_violations;
    violations->insert(violations->end(), found.begin(), found.end());
    return;
  }
  read->filter.received_start = range->start;
  read->filter.received_end = range->end;
}

}  // namespace

EventSelection ReadSelection(OperatorAct act, const v1::EventSelection& selection,
                             Violations* violations) {
  EventSelection read;
  if (selection.destination().empty()) {
    violations->push_back({"selection.destination", "is required"});
  }
  if (selection.event_ids_size() > 0) {
    ReadIds(selection, &read, violations);
    return read;
  }
  ReadStates(act, selection, &read, violations);
  ReadNames(selection, &read, violations);
  ReadReceived(selection, &read, violations);
  return read;
}

void CheckReason(std::string_view reason, Violations* violations) {
  const bool control = std::any_of(reason.begin(), reason.end(), absl::ascii_iscntrl);
  if (reason.size() > kReasonBytesMax || control) {
    violations->push_back({"reason", base::Concat("must be at most ", kReasonBytesMax,
                                                  " bytes without control characters")});
  }
}

}  // namespace snapledger::operators
