#include "services/query/event_selection.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/error_details.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/query/filter_text.h"
#include "services/query/time_range.h"

namespace snapledger::query {
namespace {

// More alternatives than these nobody types, and each is compared with every event.
constexpr int kAlternativesMax = 100;

using Texts = google::protobuf::RepeatedPtrField<std::string>;

bool HoldsOrAny(const std::vector<int32_t>& labels, int32_t label) {
  return labels.empty() || std::find(labels.begin(), labels.end(), label) != labels.end();
}

absl::Status ReadStates(const v1::ListEventsRequest& request, EventSelection* selection,
                        FilterText* filter) {
  std::set<int> states;
  for (int i = 0; i < request.states_size(); ++i) {
    const int state = request.states(i);
    if (state == v1::DELIVERY_STATE_UNSPECIFIED || !v1::DeliveryState_IsValid(state)) {
      return base::InvalidFieldError(absl::StrCat("states[", i, "]"),
                                     "is not a state; leave states out for all of them");
    }
    states.insert(state);
  }
  for (const int state : states) {
    selection->slices.states.push_back(static_cast<storage::DeliveryState>(state));
    filter->Add("state", absl::StrCat(state));
  }
  return absl::OkStatus();
}

absl::Status ReadLabels(const Texts& given, std::string_view field, storage::LabelKind kind,
                        labels::LabelCache& labels, std::vector<int32_t>* numbers, bool* nothing,
                        FilterText* filter) {
  if (given.size() > kAlternativesMax) {
    return base::InvalidFieldError(
        field, absl::StrCat("has more than ", kAlternativesMax, " values; make several lists"));
  }
  const std::set<std::string> texts(given.begin(), given.end());
  for (const std::string& text : texts) {
    if (text.empty()) {
      return base::InvalidFieldError(field, "has an empty value; leave it out for any");
    }
    SNAPLEDGER_ASSIGN_OR_RETURN(const std::optional<int32_t> number, labels.Find(kind, text));
    if (number.has_value()) numbers->push_back(*number);
    filter->Add(field, text);
  }
  if (!texts.empty() && numbers->empty()) *nothing = true;
  return absl::OkStatus();
}

absl::Status ReadReceived(const v1::ListEventsRequest& request, EventSelection* selection,
                          FilterText* filter) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const ReadRange received,
                              ReadTimeRange(request.received(), "received"));
  selection->slices.received_start = received.start;
  selection->slices.received_end = received.end;
  if (received.start) filter->Add("start", absl::StrCat(absl::ToUnixMicros(*received.start)));
  if (received.end) filter->Add("end", absl::StrCat(absl::ToUnixMicros(*received.end)));
  return absl::OkStatus();
}

absl::Status ReadValues(const v1::ListEventsRequest& request,
                        const destinations::ActiveDestination& destination,
                        const security::BlindIndex& blind_index, EventSelection* selection,
                        FilterText* filter) {
  if (!request.order_id().empty()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(LookupValue order_id, ReadOrderId(request.order_id(), blind_index));
    filter->Add("order_id", absl::StrCat(order_id.key));
    selection->values.push_back(std::move(order_id));
  }
  const bool kind_given = request.identifier_kind() != v1::IDENTIFIER_KIND_UNSPECIFIED;
  if (kind_given != (request.identifier().value_case() != v1::Identifier::VALUE_NOT_SET)) {
    return base::InvalidFieldError(kind_given ? "identifier" : "identifier_kind",
                                   "is missing; identifier_kind and identifier go together");
  }
  if (kind_given) {
    SNAPLEDGER_ASSIGN_OR_RETURN(LookupValue person,
                                ReadIdentifier(request.identifier_kind(), request.identifier(),
                                               destination.prepare_policy, blind_index));
    filter->Add("person", absl::StrCat(person.key));
    selection->values.push_back(std::move(person));
  }
  if (!selection->values.empty()) selection->slices.lookup_key = selection->values[0].key;
  return absl::OkStatus();
}

}  // namespace

bool EventSelection::PassesHeader(const event::FrameHeader& header) const {
  return HoldsOrAny(slices.name_labels, header.name_label) &&
         HoldsOrAny(slices.source_labels, header.source_label);
}

bool EventSelection::PassesContent(const rapidjson::Document& snap_event) const {
  return std::all_of(values.begin(), values.end(),
                     [&](const LookupValue& value) { return Holds(snap_event, value); });
}

absl::StatusOr<EventSelection> ReadSelection(const v1::ListEventsRequest& request,
                                             const destinations::ActiveDestination& destination,
                                             const security::BlindIndex& blind_index,
                                             labels::LabelCache& labels) {
  EventSelection selection;
  FilterText filter("ListEvents");
  filter.Add("destination", request.destination());
  SNAPLEDGER_RETURN_IF_ERROR(ReadStates(request, &selection, &filter));
  SNAPLEDGER_RETURN_IF_ERROR(
      ReadLabels(request.event_names(), "event_names", storage::LabelKind::kEventName, labels,
                 &selection.slices.name_labels, &selection.nothing, &filter));
  SNAPLEDGER_RETURN_IF_ERROR(ReadLabels(request.sources(), "sources", storage::LabelKind::kSource,
                                        labels, &selection.slices.source_labels, &selection.nothing,
                                        &filter));
  SNAPLEDGER_RETURN_IF_ERROR(ReadReceived(request, &selection, &filter));
  SNAPLEDGER_RETURN_IF_ERROR(ReadValues(request, destination, blind_index, &selection, &filter));
  selection.filter_text = filter.text();
  return selection;
}

}  // namespace snapledger::query
