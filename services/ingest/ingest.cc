#include "services/ingest/ingest.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/error_details.h"
#include "services/base/status_macros.h"
#include "services/ingest/from_proto.h"
#include "services/snap/encode.h"

namespace snapledger::ingest {
namespace {

// Of a call that is prepared on the thread that brings it.
constexpr int kEventsAtOnceMax = 4;
constexpr int kBytesAtOnceMax = 16 << 10;

snap::EncodeOptions EncodeOptionsOf(const destinations::ActiveDestination& destination) {
  const storage::DestinationSettings& settings = destination.stored.settings;
  return {.limited_data_literal = settings.limited_data_literal,
          .test_event_code =
              settings.test_mode ? std::string_view(settings.test_event_code) : std::string_view()};
}

// Whole-call limits, the same for recording and validating.
template <typename Request>
absl::Status CheckCall(const Request& request, size_t bytes) {
  if (request.events_size() == 0) {
    return base::InvalidFieldError("events", "at least one event is needed");
  }
  if (request.events_size() > kEventsPerCallMax) {
    return base::InvalidFieldError(
        base::ErrorReason::kTooManyEvents, "events",
        absl::StrCat(request.events_size(), " events in one call; at most ", kEventsPerCallMax,
                     " are taken: split the call"));
  }
  if (bytes > kCallBytesMax) {
    return base::InvalidFieldError(
        base::ErrorReason::kCallTooLarge, "events",
        absl::StrCat("the call has more than ", kCallBytesMax >> 20, " MiB: split it"));
  }
  return absl::OkStatus();
}

absl::Status IntakeFull() {
  return base::ExhaustedError(base::ErrorReason::kIntakeFull, "intake",
                              "more events wait to be recorded than there is room for",
                              absl::Milliseconds(250));
}

v1::Outcome OutcomeOf(event::Disposition disposition) {
  switch (disposition) {
    case event::Disposition::kSend:
      return v1::OUTCOME_ACCEPTED;
    case event::Disposition::kSuppressed:
      return v1::OUTCOME_SUPPRESSED;
    case event::Disposition::kRejected:
      return v1::OUTCOME_REJECTED;
  }
  return v1::OUTCOME_REJECTED;
}

void FillVerdict(const event::PreparedEvent& prepared, int index, std::string_view event_id,
                 v1::EventVerdict* verdict) {
  verdict->set_index(index);
  verdict->set_event_id(std::string(event_id));
  verdict->set_outcome(OutcomeOf(prepared.disposition));
  for (const event::Violation& violation : prepared.violations) {
    ToProto(violation, verdict->add_violations());
  }
  for (const event::Violation& warning : prepared.warnings) {
    ToProto(warning, verdict->add_warnings());
  }
}

void MarkStored(StoredAs stored, v1::EventVerdict* verdict) {
  if (stored == StoredAs::kNew) return;
  if (stored == StoredAs::kDuplicate) {
    verdict->set_outcome(v1::OUTCOME_DUPLICATE);
    return;
  }
  verdict->set_outcome(v1::OUTCOME_CONFLICT);
  ToProto({.field = "event_id",
           .reason = event::Reason::kIdReused,
           .description = "an event with this id and other content is recorded already; "
                          "give each conversion an id of its own"},
          verdict->add_violations());
}

struct EventLabels {
  int32_t name = 0;
  int32_t source = 0;
};

std::optional<EventLabels> KnownLabels(const labels::LabelCache& labels,
                                       const event::ConversionEvent& event) {
  const std::optional<int32_t> name =
      event.standard_event != 0
          ? event.standard_event
          : labels.KnownNumber(storage::LabelKind::kEventName, event.event_name);
  const std::optional<int32_t> source =
      labels.KnownNumber(storage::LabelKind::kSource, event.source);
  if (!name || !source) return std::nullopt;
  return EventLabels{*name, *source};
}

absl::StatusOr<EventLabels> AskLabels(labels::LabelCache& labels,
                                      const event::ConversionEvent& event) {
  EventLabels asked = {.name = event.standard_event};
  if (event.standard_event == 0) {
    SNAPLEDGER_ASSIGN_OR_RETURN(asked.name,
                                labels.Number(storage::LabelKind::kEventName, event.event_name));
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(asked.source,
                              labels.Number(storage::LabelKind::kSource, event.source));
  return asked;
}

EncodedEvent Encode(const destinations::ActiveDestination& destination,
                    const event::PreparedEvent& prepared, const EventLabels& labels,
                    const security::BlindIndex& blind_index) {
  const event::ConversionEvent& event = prepared.event;
  EncodedEvent encoded;
  encoded.key = event::MakeEventKey(event.event_id);
  encoded.content_digest = blind_index.Content(prepared.content_digest);
  encoded.plain_content_digest = prepared.content_digest;
  encoded.suppressed = prepared.disposition == event::Disposition::kSuppressed;
  encoded.header.event_time_seconds = absl::ToUnixSeconds(event.event_time);
  encoded.header.name_label = labels.name;
  encoded.header.source_label = labels.source;
  encoded.header.action_source = event.action_source;
  encoded.header.supplied = event.supplied;
  encoded.header.usable = event.usable;
  encoded.header.purchase_with_order_id =
      event.event_name == "PURCHASE" && !event.custom_data.order_id.empty();
  if (!encoded.suppressed) blind_index.AppendKeys(event, &encoded.lookup_keys);
  snap::AppendSnapEvent(event, EncodeOptionsOf(destination), &encoded.json);
  return encoded;
}

}  // namespace

Ingest::Ingest(destinations::DestinationDirectory& directory, labels::LabelCache& labels,
               Committer& committer, const security::BlindIndex& blind_index,
               const base::Clock& clock, Options options)
    : directory_(directory),
      labels_(labels),
      committer_(committer),
      blind_index_(blind_index),
      clock_(clock),
      options_(options),
      executor_({.name = "ingest",
                 .thread_count = options.thread_count,
                 .queue_limit = options.calls_waiting_max}) {}

template <typename Request>
std::optional<Ingest::Done> Ingest::Admit(const Request& request, Done done) {
  const size_t bytes = request.ByteSizeLong();
  if (const absl::Status checked = CheckCall(request, bytes); !checked.ok()) {
    done(checked);
    return std::nullopt;
  }
  const size_t before = bytes_in_work_.fetch_add(bytes);
  // A single large call is taken whenever nothing else is in work.
  if (before > 0 && before + bytes > options_.bytes_in_work_max) {
    bytes_in_work_ -= bytes;
    done(IntakeFull());
    return std::nullopt;
  }
  return [this, bytes, done = std::move(done)](const absl::Status& status) {
    bytes_in_work_ -= bytes;
    done(status);
  };
}

void Ingest::Post(const Done& done, std::function<void()> work) {
  if (!executor_.TryPost(std::move(work))) done(IntakeFull());
}

void Ingest::Record(const v1::RecordEventsRequest& request, v1::RecordEventsResponse* response,
                    Done done) {
  const std::optional<Done> admitted = Admit(request, std::move(done));
  if (!admitted) return;
  // Admit computed the size.
  const bool small =
      request.events_size() <= kEventsAtOnceMax && request.GetCachedSize() <= kBytesAtOnceMax;
  if (small && RecordNow(request, response, *admitted, Asking::kMemory)) {
    return;
  }
  Post(*admitted, [this, &request, response, done = *admitted] {
    RecordNow(request, response, done, Asking::kDatabase);
  });
}

bool Ingest::RecordNow(const v1::RecordEventsRequest& request, v1::RecordEventsResponse* response,
                       const Done& done, Asking asking) {
  absl::StatusOr<std::optional<PreparedCall>> prepared = PrepareCall(request, response, asking);
  if (prepared.ok() && !prepared->has_value()) return false;
  if (!prepared.ok() || (*prepared)->events.empty()) {
    done(prepared.status());
    return true;
  }
  PreparedCall& call = **prepared;
  const bool taken =
      committer_.TrySubmit(request.destination(), std::move(call.events),
                           [response, indexes = std::move(call.indexes), done](
                               absl::Status status, const std::vector<StoredAs>& stored) {
                             for (size_t i = 0; i < stored.size(); ++i) {
                               MarkStored(stored[i], response->mutable_verdicts(indexes[i]));
                             }
                             done(std::move(status));
                           });
  if (!taken) done(IntakeFull());
  return true;
}

absl::StatusOr<std::optional<Ingest::PreparedCall>> Ingest::PrepareCall(
    const v1::RecordEventsRequest& request, v1::RecordEventsResponse* response, Asking asking) {
  const bool ask = asking == Asking::kDatabase;
  const absl::StatusOr<destinations::DestinationPtr> destination =
      ask ? directory_.Find(request.destination()) : directory_.FindKnown(request.destination());
  if (!destination.ok()) return destination.status();
  if (*destination == nullptr) return std::nullopt;
  event::PreparePolicy policy = (*destination)->prepare_policy;
  policy.now = clock_.Now();
  PreparedCall call;
  response->mutable_verdicts()->Reserve(request.events_size());
  for (int index = 0; index < request.events_size(); ++index) {
    std::string extra_json;
    const event::RawEvent raw = FromProto(request.events(index), &extra_json);
    const event::PreparedEvent prepared = event::Prepare(raw, policy);
    FillVerdict(prepared, index, raw.event_id, response->add_verdicts());
    if (prepared.disposition == event::Disposition::kRejected) continue;
    std::optional<EventLabels> labels = KnownLabels(labels_, prepared.event);
    if (!labels && !ask) {
      response->clear_verdicts();
      return std::nullopt;
    }
    if (!labels) {
      SNAPLEDGER_ASSIGN_OR_RETURN(labels, AskLabels(labels_, prepared.event));
    }
    call.events.push_back(Encode(**destination, prepared, *labels, blind_index_));
    call.indexes.push_back(index);
  }
  return call;
}

void Ingest::Validate(const v1::ValidateEventsRequest& request,
                      v1::ValidateEventsResponse* response, Done done) {
  const std::optional<Done> admitted = Admit(request, std::move(done));
  if (!admitted) return;
  Post(*admitted,
       [this, &request, response, done = *admitted] { done(ValidateNow(request, response)); });
}

absl::Status Ingest::ValidateNow(const v1::ValidateEventsRequest& request,
                                 v1::ValidateEventsResponse* response) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              directory_.Find(request.destination()));
  event::PreparePolicy policy = destination->prepare_policy;
  policy.now = clock_.Now();
  for (int index = 0; index < request.events_size(); ++index) {
    std::string extra_json;
    const event::RawEvent raw = FromProto(request.events(index), &extra_json);
    const event::PreparedEvent prepared = event::Prepare(raw, policy);
    v1::ValidatedEvent* validated = response->add_events();
    FillVerdict(prepared, index, raw.event_id, validated->mutable_verdict());
    if (prepared.disposition != event::Disposition::kSend) continue;
    snap::AppendSnapEvent(prepared.event, EncodeOptionsOf(*destination),
                          validated->mutable_snap_event_json());
  }
  return absl::OkStatus();
}

}  // namespace snapledger::ingest
