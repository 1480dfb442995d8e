#include "services/cli/event_view.h"

#include <vector>

#include "services/cli/json_output.h"

namespace snapledger::cli {
namespace {

// What Snap and the transport said, in their words.
std::string Said(const v1::Attempt& attempt) {
  std::string text;
  for (const std::string& part : {attempt.snap_status(), attempt.snap_reason(), attempt.error()}) {
    if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
  }
  return Printable(text);
}

std::string SourceName(v1::VerdictSource source) {
  if (source == v1::VERDICT_SOURCE_UNSPECIFIED) return "-";
  return ShortName(v1::VerdictSource_Name(source), "VERDICT_SOURCE_");
}

std::string OutcomeName(v1::AttemptOutcome outcome) {
  if (outcome == v1::ATTEMPT_OUTCOME_UNSPECIFIED) return "open";
  return ShortName(v1::AttemptOutcome_Name(outcome), "ATTEMPT_OUTCOME_");
}

}  // namespace

std::string StateName(v1::DeliveryState state) {
  if (state == v1::DELIVERY_STATE_UNSPECIFIED) return "-";
  return ShortName(v1::DeliveryState_Name(state), "DELIVERY_STATE_");
}

Table EventTable(const google::protobuf::RepeatedPtrField<v1::EventStatus>& events) {
  Table table({{"RECEIVED"},
               {"EVENT"},
               {"NAME"},
               {"ORDER"},
               {"SOURCE"},
               {"STATE"},
               {"ATTEMPTS", Table::Align::kRight},
               {"BECAUSE"}});
  const auto shown = [](const std::string& text) { return text.empty() ? "-" : Printable(text); };
  for (const v1::EventStatus& event : events) {
    table.AddRow({TimeText(true, event.received_time().seconds()), shown(event.event_id()),
                  shown(event.event_name()), shown(event.order_id()), shown(event.source()),
                  StateName(event.state()), std::to_string(event.attempt_count()),
                  event.state_reason()});
  }
  return table;
}

Table AttemptTable(const google::protobuf::RepeatedPtrField<v1::Attempt>& attempts, bool of_event) {
  Table table({{"ATTEMPT", of_event ? Table::Align::kRight : Table::Align::kLeft},
               {"SENT"},
               {"ANSWERED"},
               {"HTTP", Table::Align::kRight},
               {"OUTCOME"},
               {"KNOWN BY"},
               {"BATCH OF", Table::Align::kRight},
               {"SNAP SAID"}});
  for (const v1::Attempt& attempt : attempts) {
    table.AddRow({of_event ? std::to_string(attempt.number()) : attempt.attempt_id(),
                  TimeText(true, attempt.sent_time().seconds()),
                  TimeText(attempt.has_answered_time(), attempt.answered_time().seconds()),
                  attempt.http_status() == 0 ? "-" : std::to_string(attempt.http_status()),
                  OutcomeName(attempt.outcome()), SourceName(attempt.verdict_source()),
                  std::to_string(attempt.batch_size()), Said(attempt)});
  }
  return table;
}

}  // namespace snapledger::cli
