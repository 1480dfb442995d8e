#include "services/matchrate/match_observations.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/base/error_details.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/event/identifier_kind.h"
#include "services/matchrate/observation_check.h"
#include "services/query/filter_text.h"
#include "services/query/proto_time.h"
#include "services/query/uuid_text.h"
#include "storage/random_uuid.h"

namespace snapledger::matchrate {
namespace {

using storage::MatchObservationRow;
using storage::ObservationPlace;

void ToProto(const MatchObservationRow& row, std::string_view destination_id,
             v1::MatchObservation* message) {
  message->set_observation_id(query::UuidText(row.observation_id));
  message->set_destination(std::string(destination_id));
  *message->mutable_window()->mutable_start_time() = query::TimeToProto(row.window_start);
  *message->mutable_window()->mutable_end_time() = query::TimeToProto(row.window_end);
  message->set_event_name(row.event_name);
  message->set_source(row.source);
  for (int kind = v1::IDENTIFIER_KIND_EMAIL; kind <= v1::IDENTIFIER_KIND_IDFV; ++kind) {
    if ((row.kinds & event::MaskOf(static_cast<event::IdentifierKind>(kind))) != 0) {
      message->add_kinds(static_cast<v1::IdentifierKind>(kind));
    }
  }
  message->set_matched(row.matched);
  message->set_total(row.total);
  message->set_evidence(row.evidence);
  message->set_evidence_sha256(absl::BytesToHexString(row.evidence_sha256));
  message->set_recorded_by(row.recorded_by);
  *message->mutable_record_time() = query::TimeToProto(row.record_time);
}

absl::Status ObservationExistsError(const std::string& observation_id) {
  absl::Status status = absl::AlreadyExistsError(base::Concat(
      "this evidence was recorded before for the same window and scope, as ", observation_id));
  base::ErrorDetails details;
  details.reason = base::ErrorReason::kObservationExists;
  details.resource = base::MissingResource{"match_observation", observation_id};
  base::SetErrorDetails(details, &status);
  return status;
}

// The 16 bytes of the id, then the microseconds in decimal.
std::string PlaceToText(const ObservationPlace& place) {
  std::string text(place.observation_id.begin(), place.observation_id.end());
  absl::StrAppend(&text, absl::ToUnixMicros(place.record_time));
  return text;
}

// Of a text made above: the token is authenticated.
std::optional<ObservationPlace> PlaceFromText(const std::string& text) {
  if (text.empty()) return std::nullopt;
  ObservationPlace place;
  int64_t micros = 0;
  const size_t id_bytes = place.observation_id.size();
  SNAPLEDGER_CHECK(text.size() > id_bytes && absl::SimpleAtoi(text.substr(id_bytes), &micros));
  std::copy_n(text.begin(), id_bytes, place.observation_id.begin());
  place.record_time = absl::FromUnixMicros(micros);
  return place;
}

}  // namespace

absl::Status MatchObservations::Record(const v1::RecordMatchObservationRequest& request,
                                       std::string_view actor,
                                       v1::RecordMatchObservationResponse* response) {
  const v1::MatchObservation& given = request.observation();
  if (given.destination().empty()) {
    return base::InvalidFieldError("observation.destination", "is required");
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              directory_.Find(given.destination()));
  SNAPLEDGER_ASSIGN_OR_RETURN(MatchObservationRow row, CheckObservation(given, clock_.Now()));
  row.observation_id = storage::RandomUuid();
  row.recorded_by = actor;
  SNAPLEDGER_ASSIGN_OR_RETURN(
      const storage::ObservationStore::Kept kept,
      observations_.Insert(destination->stored.number, given.destination(), row));
  if (kept.existed) return ObservationExistsError(query::UuidText(kept.observation_id));
  row.record_time = kept.record_time;
  ToProto(row, given.destination(), response->mutable_observation());
  return absl::OkStatus();
}

absl::Status MatchObservations::List(const v1::ListMatchObservationsRequest& request,
                                     v1::ListMatchObservationsResponse* response) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              directory_.Find(request.destination()));
  SNAPLEDGER_ASSIGN_OR_RETURN(const int page_size, query::PageSize(request.page_size()));
  query::FilterText filter("ListMatchObservations");
  filter.Add("destination", request.destination());
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::string position,
                              page_tokens_.Read(filter.text(), request.page_token()));
  // One more than the page holds tells whether another follows.
  SNAPLEDGER_ASSIGN_OR_RETURN(
      std::vector<MatchObservationRow> rows,
      observations_.List(destination->stored.number, PlaceFromText(position), page_size + 1));
  const bool more = rows.size() > static_cast<size_t>(page_size);
  if (more) rows.resize(page_size);
  for (const MatchObservationRow& row : rows) {
    ToProto(row, request.destination(), response->add_observations());
  }
  if (more) {
    const MatchObservationRow& last = rows.back();
    response->set_next_page_token(
        page_tokens_.Make(filter.text(), PlaceToText({last.record_time, last.observation_id})));
  }
  return absl::OkStatus();
}

}  // namespace snapledger::matchrate
