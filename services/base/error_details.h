#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace snapledger::base {

// What a failed call tells programs beside its code and message: the details travel on the
// absl::Status from where the failure was seen to the RPC layer, which sends them as google.rpc
// messages. None of the texts may hold personal data or a secret.

// Why a call failed: the closed list of docs/errors.md. A status without one gets the reason of its
// code (rpc/status_mapping).
enum class ErrorReason {
  kInvalidRequest,
  kTooManyEvents,
  kCallTooLarge,
  kInvalidPageToken,
  kInvalidResumeToken,
  kDestinationNotFound,
  kEventNotFound,
  kDestinationExists,
  kObservationExists,
  kSelectionTooLarge,
  kDestinationHasEvents,
  kDestinationKindFixed,
  kRoleNotServed,
  kPreconditionUnmet,
  kIntakeFull,
  kQueriesFull,
  kWatchesFull,
  kLimitReached,
  kLedgerUnavailable,
  kProcessEnding,
  kDeadlinePassed,
  kCallCanceled,
  kNotServedYet,
  kInternal,
};

// The name callers see, e.g. DESTINATION_NOT_FOUND.
std::string_view ErrorReasonName(ErrorReason reason);
// The whole list, in the order above.
std::span<const ErrorReason> AllErrorReasons();

struct FieldViolation {
  std::string field;        // proto path, e.g. settings.lane_count
  std::string description;  // what is wrong and what to do; never the value
};

struct QuotaViolation {
  std::string subject;  // the limit that was reached, e.g. intake
  std::string description;
};

struct MissingResource {
  std::string type;  // destination, event, match_observation
  std::string name;
};

struct PreconditionViolation {
  std::string type;     // the reason's name
  std::string subject;  // what it is about
  std::string description;
};

struct ErrorDetails {
  std::optional<ErrorReason> reason;
  std::vector<FieldViolation> field_violations;
  std::optional<absl::Duration> retry_delay;
  std::vector<QuotaViolation> quota_violations;
  std::optional<MissingResource> resource;
  std::vector<PreconditionViolation> precondition_violations;
};

// Replaces the details of a status that is not OK.
void SetErrorDetails(const ErrorDetails& details, absl::Status* status);
// What SetErrorDetails put there; empty details where it was never called.
ErrorDetails GetErrorDetails(const absl::Status& status);

// The statuses most failures are one of.
absl::Status InvalidFieldsError(std::vector<FieldViolation> violations);  // at least one
absl::Status InvalidFieldError(std::string_view field, std::string_view description);
// INVALID_ARGUMENT with a reason of its own.
absl::Status InvalidFieldError(ErrorReason reason, std::string_view field,
                               std::string_view description);
absl::Status DestinationNotFoundError(std::string_view destination_id);
absl::Status EventNotFoundError(std::string_view event_id);
absl::Status FailedPreconditionError(ErrorReason reason, std::string_view subject,
                                     std::string_view description);
absl::Status ExhaustedError(ErrorReason reason, std::string_view subject,
                            std::string_view description, absl::Duration retry_delay);
absl::Status UnavailableError(ErrorReason reason, std::string_view message,
                              absl::Duration retry_delay);

}  // namespace snapledger::base
