#include "services/base/error_details.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "services/base/check.h"
#include "services/base/text.h"

namespace snapledger::base {
namespace {

constexpr std::string_view kPayloadType = "snapledger/error-details";

struct NamedReason {
  ErrorReason reason;
  std::string_view name;
};

constexpr NamedReason kReasons[] = {
    {ErrorReason::kInvalidRequest, "INVALID_REQUEST"},
    {ErrorReason::kTooManyEvents, "TOO_MANY_EVENTS"},
    {ErrorReason::kCallTooLarge, "CALL_TOO_LARGE"},
    {ErrorReason::kInvalidPageToken, "INVALID_PAGE_TOKEN"},
    {ErrorReason::kInvalidResumeToken, "INVALID_RESUME_TOKEN"},
    {ErrorReason::kDestinationNotFound, "DESTINATION_NOT_FOUND"},
    {ErrorReason::kEventNotFound, "EVENT_NOT_FOUND"},
    {ErrorReason::kDestinationExists, "DESTINATION_EXISTS"},
    {ErrorReason::kObservationExists, "OBSERVATION_EXISTS"},
    {ErrorReason::kSelectionTooLarge, "SELECTION_TOO_LARGE"},
    {ErrorReason::kDestinationHasEvents, "DESTINATION_HAS_EVENTS"},
    {ErrorReason::kDestinationKindFixed, "DESTINATION_KIND_FIXED"},
    {ErrorReason::kRoleNotServed, "ROLE_NOT_SERVED"},
    {ErrorReason::kPreconditionUnmet, "PRECONDITION_UNMET"},
    {ErrorReason::kIntakeFull, "INTAKE_FULL"},
    {ErrorReason::kQueriesFull, "QUERIES_FULL"},
    {ErrorReason::kWatchesFull, "WATCHES_FULL"},
    {ErrorReason::kLimitReached, "LIMIT_REACHED"},
    {ErrorReason::kLedgerUnavailable, "LEDGER_UNAVAILABLE"},
    {ErrorReason::kProcessEnding, "PROCESS_ENDING"},
    {ErrorReason::kDeadlinePassed, "DEADLINE_PASSED"},
    {ErrorReason::kCallCanceled, "CALL_CANCELED"},
    {ErrorReason::kNotServedYet, "NOT_SERVED_YET"},
    {ErrorReason::kInternal, "INTERNAL_ERROR"},
};
constexpr size_t kReasonCount = std::size(kReasons);

// The payload is a row of records of three texts, each text with its length before it; the first
// says what the record is.
constexpr std::string_view kReasonRecord = "reason";
constexpr std::string_view kFieldRecord = "field";
constexpr std::string_view kRetryRecord = "retry";
constexpr std::string_view kQuotaRecord = "quota";
constexpr std::string_view kResourceRecord = "resource";
constexpr std::string_view kPreconditionRecord = "precondition";
constexpr std::string_view kDescriptionRecord = "description";

void AppendText(std::string_view text, std::string* payload) {
  const auto size = static_cast<uint32_t>(text.size());
  payload->append(reinterpret_cast<const char*>(&size), sizeof size);
  payload->append(text);
}

void AppendRecord(std::string_view kind, std::string_view first, std::string_view second,
                  std::string* payload) {
  AppendText(kind, payload);
  AppendText(first, payload);
  AppendText(second, payload);
}

bool TakeText(std::string_view* rest, std::string* text) {
  uint32_t size = 0;
  if (rest->size() < sizeof size) return false;
  std::memcpy(&size, rest->data(), sizeof size);
  rest->remove_prefix(sizeof size);
  if (rest->size() < size) return false;
  *text = rest->substr(0, size);
  rest->remove_prefix(size);
  return true;
}

std::optional<ErrorReason> ReasonByName(std::string_view name) {
  for (const NamedReason& entry : kReasons) {
    if (entry.name == name) return entry.reason;
  }
  return std::nullopt;
}

void TakeRecord(const std::string& kind, std::string first, std::string second,
                ErrorDetails* details) {
  if (kind == kReasonRecord) {
    details->reason = ReasonByName(first);
  } else if (kind == kFieldRecord) {
    details->field_violations.push_back({std::move(first), std::move(second)});
  } else if (kind == kRetryRecord) {
    int64_t milliseconds = 0;
    if (absl::SimpleAtoi(first, &milliseconds)) {
      details->retry_delay = absl::Milliseconds(milliseconds);
    }
  } else if (kind == kQuotaRecord) {
    details->quota_violations.push_back({std::move(first), std::move(second)});
  } else if (kind == kResourceRecord) {
    details->resource = MissingResource{std::move(first), std::move(second)};
  } else if (kind == kPreconditionRecord) {
    details->precondition_violations.push_back({std::move(first), std::move(second), ""});
  } else if (kind == kDescriptionRecord && !details->precondition_violations.empty()) {
    details->precondition_violations.back().description = std::move(first);
  }
}

absl::Status WithDetails(absl::Status status, const ErrorDetails& details) {
  SetErrorDetails(details, &status);
  return status;
}

}  // namespace

std::string_view ErrorReasonName(ErrorReason reason) {
  const auto index = static_cast<size_t>(reason);
  SNAPLEDGER_CHECK(index < kReasonCount && kReasons[index].reason == reason);
  return kReasons[index].name;
}

std::span<const ErrorReason> AllErrorReasons() {
  static const auto all = [] {
    std::vector<ErrorReason> reasons;
    for (const NamedReason& entry : kReasons) reasons.push_back(entry.reason);
    return reasons;
  }();
  return all;
}

void SetErrorDetails(const ErrorDetails& details, absl::Status* status) {
  std::string payload;
  if (details.reason) AppendRecord(kReasonRecord, ErrorReasonName(*details.reason), "", &payload);
  for (const FieldViolation& violation : details.field_violations) {
    AppendRecord(kFieldRecord, violation.field, violation.description, &payload);
  }
  if (details.retry_delay) {
    AppendRecord(kRetryRecord, Concat(absl::ToInt64Milliseconds(*details.retry_delay)), "",
                 &payload);
  }
  for (const QuotaViolation& violation : details.quota_violations) {
    AppendRecord(kQuotaRecord, violation.subject, violation.description, &payload);
  }
  if (details.resource) {
    AppendRecord(kResourceRecord, details.resource->type, details.resource->name, &payload);
  }
  for (const PreconditionViolation& violation : details.precondition_violations) {
    AppendRecord(kPreconditionRecord, violation.type, violation.subject, &payload);
    AppendRecord(kDescriptionRecord, violation.description, "", &payload);
  }
  status->SetPayload(AsAbsl(kPayloadType), absl::Cord(payload));
}

ErrorDetails GetErrorDetails(const absl::Status& status) {
  ErrorDetails details;
  const auto payload = status.GetPayload(AsAbsl(kPayloadType));
  if (!payload) return details;
  const std::string bytes(*payload);
  std::string_view rest = bytes;
  std::string kind, first, second;
  while (TakeText(&rest, &kind) && TakeText(&rest, &first) && TakeText(&rest, &second)) {
    TakeRecord(kind, std::move(first), std::move(second), &details);
  }
  return details;
}

absl::Status InvalidFieldsError(std::vector<FieldViolation> violations) {
  SNAPLEDGER_CHECK(!violations.empty());
  std::string message = Concat(violations[0].field, ": ", violations[0].description);
  if (violations.size() > 1) {
    message += Concat(" (and ", violations.size() - 1, " more, see the details)");
  }
  ErrorDetails details;
  details.reason = ErrorReason::kInvalidRequest;
  details.field_violations = std::move(violations);
  return WithDetails(absl::InvalidArgumentError(message), details);
}

absl::Status InvalidFieldError(std::string_view field, std::string_view description) {
  return InvalidFieldError(ErrorReason::kInvalidRequest, field, description);
}

absl::Status InvalidFieldError(ErrorReason reason, std::string_view field,
                               std::string_view description) {
  ErrorDetails details;
  details.reason = reason;
  details.field_violations.push_back({std::string(field), std::string(description)});
  return WithDetails(absl::InvalidArgumentError(Concat(field, ": ", description)), details);
}

absl::Status DestinationNotFoundError(std::string_view destination_id) {
  ErrorDetails details;
  details.reason = ErrorReason::kDestinationNotFound;
  details.resource = MissingResource{"destination", std::string(destination_id)};
  return WithDetails(absl::NotFoundError(Concat("there is no destination ", destination_id)),
                     details);
}

absl::Status EventNotFoundError(std::string_view event_id) {
  ErrorDetails details;
  details.reason = ErrorReason::kEventNotFound;
  details.resource = MissingResource{"event", std::string(event_id)};
  return WithDetails(
      absl::NotFoundError("the ledger holds no event of this id for the destination"), details);
}

absl::Status FailedPreconditionError(ErrorReason reason, std::string_view subject,
                                     std::string_view description) {
  ErrorDetails details;
  details.reason = reason;
  details.precondition_violations.push_back(
      {std::string(ErrorReasonName(reason)), std::string(subject), std::string(description)});
  return WithDetails(absl::FailedPreconditionError(AsAbsl(description)), details);
}

absl::Status ExhaustedError(ErrorReason reason, std::string_view subject,
                            std::string_view description, absl::Duration retry_delay) {
  ErrorDetails details;
  details.reason = reason;
  details.retry_delay = retry_delay;
  details.quota_violations.push_back({std::string(subject), std::string(description)});
  return WithDetails(absl::ResourceExhaustedError(AsAbsl(description)), details);
}

absl::Status UnavailableError(ErrorReason reason, std::string_view message,
                              absl::Duration retry_delay) {
  ErrorDetails details;
  details.reason = reason;
  details.retry_delay = retry_delay;
  return WithDetails(absl::UnavailableError(AsAbsl(message)), details);
}

}  // namespace snapledger::base
