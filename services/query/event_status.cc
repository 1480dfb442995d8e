#include "services/query/event_status.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "services/base/text.h"
#include "services/query/proto_time.h"
#include "services/query/transitions.h"
#include "services/query/uuid_text.h"

namespace snapledger::query {
namespace {

using storage::DeliveryState;

constexpr int kIdentifierKinds = 15;

std::string Hex(std::string_view bytes) { return absl::BytesToHexString(base::AsAbsl(bytes)); }

void AppendTransitions(const storage::AttemptRow& row, std::vector<v1::Transition>* transitions) {
  transitions->push_back(SentTransition(row.from_state, row.sent_time));
  if (!row.answered_time || row.to_state == DeliveryState::kInFlight) return;
  transitions->push_back(OutcomeTransition(row.to_state, *row.answered_time, row.state_reason));
}

// An operator who has an event sent again takes the first send from its slice; the attempts know
// it still.
std::optional<absl::Time> FirstSentTime(const storage::EventRow& row) {
  for (const storage::AttemptRow& attempt : row.attempts) {
    const bool possibly_taken = attempt.outcome == storage::AttemptOutcome::kUnknown;
    if (possibly_taken && (!row.first_sent_time || attempt.sent_time < *row.first_sent_time)) {
      return attempt.sent_time;
    }
  }
  return row.first_sent_time;
}

void AppendHistory(const storage::EventRow& row, v1::EventStatus* status) {
  const bool suppressed = row.state == DeliveryState::kSuppressed;
  *status->add_transitions() = ReceiptTransition(
      suppressed ? DeliveryState::kSuppressed : DeliveryState::kPending, row.received_time);
  std::vector<v1::Transition> transitions;
  for (const storage::AttemptRow& attempt : row.attempts) AppendTransitions(attempt, &transitions);
  for (const storage::TransitionRow& other : row.transitions) {
    transitions.push_back(
        OtherTransition(other.from_state, other.to_state, other.time, other.reason, other.actor));
  }
  std::stable_sort(transitions.begin(), transitions.end(), [](const auto& a, const auto& b) {
    return google::protobuf::util::TimeUtil::TimestampToNanoseconds(a.time()) <
           google::protobuf::util::TimeUtil::TimestampToNanoseconds(b.time());
  });
  for (v1::Transition& transition : transitions) {
    *status->add_transitions() = std::move(transition);
  }
}

void TextsToProto(const EventTexts& texts, v1::EventStatus* status) {
  status->set_event_id(texts.event_id);
  status->set_event_name(texts.event_name);
  status->set_order_id(texts.order_id);
  status->set_source(texts.source);
}

void IdentifiersToProto(uint16_t usable, v1::EventStatus* status) {
  for (int kind = 1; kind <= kIdentifierKinds; ++kind) {
    if ((usable >> (kind - 1) & 1) != 0) {
      status->add_identifiers(static_cast<v1::IdentifierKind>(kind));
    }
  }
}

// Of an EventRow or a SliceRow: the fields have one name in both.
template <typename Row>
void StandingToProto(const Row& row, v1::EventStatus* status) {
  *status->mutable_received_time() = TimeToProto(row.received_time);
  status->set_state(StateToProto(row.state));
  status->set_state_reason(row.state_reason);
  status->set_attempt_count(row.attempt_count);
  if (row.next_attempt_time) {
    *status->mutable_next_attempt_time() = TimeToProto(*row.next_attempt_time);
  }
  if (row.first_sent_time) *status->mutable_first_sent_time() = TimeToProto(*row.first_sent_time);
  if (row.final_time) *status->mutable_final_time() = TimeToProto(*row.final_time);
  status->set_possibly_delivered(row.possibly_delivered);
}

std::string TextMember(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return "";
  return {member->value.GetString(), member->value.GetStringLength()};
}

}  // namespace

void ToProto(const storage::EventRow& row, const EventTexts& texts, v1::EventStatus* status) {
  TextsToProto(texts, status);
  StandingToProto(row, status);
  if (const std::optional<absl::Time> first_sent = FirstSentTime(row)) {
    *status->mutable_first_sent_time() = TimeToProto(*first_sent);
  }
  *status->mutable_event_time() = TimeToProto(row.event_time);
  IdentifiersToProto(row.usable, status);
  AppendHistory(row, status);
  for (const storage::AttemptRow& attempt : row.attempts) {
    ToProto(attempt, status->add_attempts());
  }
}

void ToProto(const storage::SliceRow& slice, const event::FrameHeader& header,
             const EventTexts& texts, v1::EventStatus* status) {
  TextsToProto(texts, status);
  StandingToProto(slice, status);
  *status->mutable_event_time() = TimeToProto(absl::FromUnixSeconds(header.event_time_seconds));
  IdentifiersToProto(header.usable, status);
}

void UnreadableToProto(const storage::SliceRow& slice, v1::EventStatus* status) {
  StandingToProto(slice, status);
  status->set_state_reason("PAYLOAD_UNREADABLE");
}

void ToProto(const storage::AttemptRow& row, v1::Attempt* attempt) {
  attempt->set_attempt_id(UuidText(row.attempt_id));
  attempt->set_batch_id(UuidText(row.batch_id));
  attempt->set_number(row.number);
  *attempt->mutable_sent_time() = TimeToProto(row.sent_time);
  if (row.answered_time) *attempt->mutable_answered_time() = TimeToProto(*row.answered_time);
  attempt->set_http_status(row.http_status);
  attempt->set_snap_status(row.snap_status);
  attempt->set_snap_reason(row.snap_reason);
  attempt->set_outcome(static_cast<v1::AttemptOutcome>(row.outcome));
  attempt->set_verdict_source(static_cast<v1::VerdictSource>(row.verdict_source));
  attempt->set_error(row.error);
  attempt->set_batch_size(row.batch_size);
  attempt->set_body_sha256(Hex(row.body_sha256));
}

EventTexts TextsOf(const rapidjson::Document& snap_event) {
  EventTexts texts;
  if (!snap_event.IsObject()) return texts;
  texts.event_id = TextMember(snap_event, "event_id");
  const auto custom_data = snap_event.FindMember("custom_data");
  if (custom_data != snap_event.MemberEnd() && custom_data->value.IsObject()) {
    texts.order_id = TextMember(custom_data->value, "order_id");
  }
  return texts;
}

}  // namespace snapledger::query
