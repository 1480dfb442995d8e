#include "services/rpc/status_mapping.h"

#include <google/protobuf/util/time_util.h>
#include <openssl/rand.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/base/check.h"
#include "services/base/error_details.h"
#include "services/base/log.h"
#include "services/base/text.h"

namespace snapledger::rpc {
namespace {

using base::ErrorDetails;
using base::ErrorReason;

constexpr size_t kMessageBytesMax = 512;
constexpr size_t kTextBytesMax = 256;
constexpr size_t kViolationsMax = 20;
constexpr absl::Duration kRetryDelayDefault = absl::Seconds(1);
constexpr absl::Duration kDatabaseLogInterval = absl::Seconds(1);

// Cut between characters: a string field must stay valid UTF-8.
std::string Cut(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

std::string NewErrorId() {
  std::string bytes(8, '\0');
  SNAPLEDGER_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
                              static_cast<int>(bytes.size())) == 1);
  return absl::BytesToHexString(bytes);
}

// What goes out: never more than a caller may know.
struct Answer {
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  std::string message;
  ErrorDetails details;
};

grpc::StatusCode CodeOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kAborted:  // contention outlasted the repeats of the storage layer
      return grpc::StatusCode::UNAVAILABLE;
    case absl::StatusCode::kOutOfRange:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return grpc::StatusCode::INTERNAL;
    default:
      return static_cast<grpc::StatusCode>(code);
  }
}

ErrorReason ReasonOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::CANCELLED:
      return ErrorReason::kCallCanceled;
    case grpc::StatusCode::INVALID_ARGUMENT:
      return ErrorReason::kInvalidRequest;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ErrorReason::kDeadlinePassed;
    case grpc::StatusCode::NOT_FOUND:
      return ErrorReason::kDestinationNotFound;
    case grpc::StatusCode::ALREADY_EXISTS:
      return ErrorReason::kDestinationExists;
    case grpc::StatusCode::FAILED_PRECONDITION:
      return ErrorReason::kPreconditionUnmet;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return ErrorReason::kLimitReached;
    case grpc::StatusCode::UNAVAILABLE:
      return ErrorReason::kLedgerUnavailable;
    case grpc::StatusCode::UNIMPLEMENTED:
      return ErrorReason::kNotServedYet;
    default:
      return ErrorReason::kInternal;
  }
}

void BlankInternal(std::string_view method, Answer* answer) {
  const std::string id = NewErrorId();
  base::Log(base::Severity::kError, "a call failed inside",
            {{"method", method}, {"error_id", id}, {"error", answer->message}});
  answer->message = base::Concat("internal error ", id, "; the log of the service says more");
  answer->details = {};
  answer->details.reason = ErrorReason::kInternal;
}

// Texts of the database name hosts and sockets: they are for the log.
void BlankDatabase(std::string_view method, Answer* answer) {
  static std::atomic<int64_t> next_log_nanos{0};
  const int64_t now = absl::GetCurrentTimeNanos();
  int64_t next = next_log_nanos.load();
  if (now >= next && next_log_nanos.compare_exchange_strong(
                         next, now + absl::ToInt64Nanoseconds(kDatabaseLogInterval))) {
    base::Log(base::Severity::kWarning, "the database failed a call",
              {{"method", method}, {"error", answer->message}});
  }
  answer->message = answer->code == grpc::StatusCode::UNAVAILABLE
                        ? "the ledger cannot be reached, or the outcome of a commit is not known; "
                          "repeating the call is safe"
                        : "the time of the call ran out; repeating it is safe";
}

// Many messages about one field begin with its path: "events: at least one is needed".
base::FieldViolation ViolationOf(const std::string& message) {
  const size_t colon = message.find(": ");
  const bool is_path =
      colon != std::string::npos && colon > 0 &&
      message.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.[]") == colon;
  if (!is_path) return {"", message};
  return {message.substr(0, colon), message.substr(colon + 2)};
}

void AddMissingDetails(Answer* answer) {
  ErrorDetails& details = answer->details;
  const bool unavailable = answer->code == grpc::StatusCode::UNAVAILABLE;
  const bool exhausted = answer->code == grpc::StatusCode::RESOURCE_EXHAUSTED;
  if ((unavailable || exhausted) && !details.retry_delay) details.retry_delay = kRetryDelayDefault;
  if (exhausted && details.quota_violations.empty()) {
    details.quota_violations.push_back({"service", answer->message});
  }
  const std::string reason(base::ErrorReasonName(*details.reason));
  if (answer->code == grpc::StatusCode::FAILED_PRECONDITION &&
      details.precondition_violations.empty()) {
    details.precondition_violations.push_back({reason, "service", answer->message});
  }
  if (answer->code == grpc::StatusCode::INVALID_ARGUMENT && details.field_violations.empty()) {
    details.field_violations.push_back(ViolationOf(answer->message));
  }
}

Answer AnswerOf(const absl::Status& status, std::string_view method) {
  Answer answer;
  answer.code = CodeOf(status.code());
  answer.message = std::string(status.message());
  answer.details = base::GetErrorDetails(status);
  if (answer.code == grpc::StatusCode::INTERNAL) {
    BlankInternal(method, &answer);
  } else if (!answer.details.reason && (answer.code == grpc::StatusCode::UNAVAILABLE ||
                                        answer.code == grpc::StatusCode::DEADLINE_EXCEEDED)) {
    BlankDatabase(method, &answer);
  }
  if (!answer.details.reason) answer.details.reason = ReasonOf(answer.code);
  answer.message = Cut(answer.message, kMessageBytesMax);
  AddMissingDetails(&answer);
  return answer;
}

google::rpc::BadRequest BadRequestOf(const ErrorDetails& details, size_t count) {
  google::rpc::BadRequest bad_request;
  for (size_t i = 0; i < count; ++i) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(Cut(details.field_violations[i].field, kTextBytesMax));
    violation->set_description(Cut(details.field_violations[i].description, kTextBytesMax));
  }
  return bad_request;
}

void AddQuotaAndRetry(const ErrorDetails& details, google::rpc::Status* message) {
  if (details.retry_delay) {
    google::rpc::RetryInfo retry;
    *retry.mutable_retry_delay() = google::protobuf::util::TimeUtil::NanosecondsToDuration(
        absl::ToInt64Nanoseconds(*details.retry_delay));
    message->add_details()->PackFrom(retry);
  }
  if (details.quota_violations.empty()) return;
  google::rpc::QuotaFailure quota;
  for (const base::QuotaViolation& violation : details.quota_violations) {
    auto* entry = quota.add_violations();
    entry->set_subject(Cut(violation.subject, kTextBytesMax));
    entry->set_description(Cut(violation.description, kTextBytesMax));
  }
  message->add_details()->PackFrom(quota);
}

void AddResourceAndPreconditions(const ErrorDetails& details, google::rpc::Status* message) {
  if (details.resource) {
    google::rpc::ResourceInfo resource;
    resource.set_resource_type(Cut(details.resource->type, kTextBytesMax));
    resource.set_resource_name(Cut(details.resource->name, kTextBytesMax));
    message->add_details()->PackFrom(resource);
  }
  if (details.precondition_violations.empty()) return;
  google::rpc::PreconditionFailure failure;
  for (const base::PreconditionViolation& violation : details.precondition_violations) {
    auto* entry = failure.add_violations();
    entry->set_type(Cut(violation.type, kTextBytesMax));
    entry->set_subject(Cut(violation.subject, kTextBytesMax));
    entry->set_description(Cut(violation.description, kTextBytesMax));
  }
  message->add_details()->PackFrom(failure);
}

google::rpc::Status MessageOf(const Answer& answer, size_t field_violations) {
  google::rpc::Status message;
  message.set_code(answer.code);
  message.set_message(answer.message);
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(base::ErrorReasonName(*answer.details.reason)));
  info.set_domain(kErrorDomain);
  message.add_details()->PackFrom(info);
  AddQuotaAndRetry(answer.details, &message);
  AddResourceAndPreconditions(answer.details, &message);
  if (field_violations > 0) {
    message.add_details()->PackFrom(BadRequestOf(answer.details, field_violations));
  }
  return message;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view method) {
  if (status.ok()) return grpc::Status::OK;
  const Answer answer = AnswerOf(status, method);
  size_t violations = std::min(answer.details.field_violations.size(), kViolationsMax);
  std::string details = MessageOf(answer, violations).SerializeAsString();
  while (details.size() > kDetailsBytesMax && violations > 1) {
    violations /= 2;
    details = MessageOf(answer, violations).SerializeAsString();
  }
  return {answer.code, answer.message, details};
}

std::string_view CodeName(grpc::StatusCode code) {
  static constexpr std::string_view kNames[] = {"OK",
                                                "CANCELLED",
                                                "UNKNOWN",
                                                "INVALID_ARGUMENT",
                                                "DEADLINE_EXCEEDED",
                                                "NOT_FOUND",
                                                "ALREADY_EXISTS",
                                                "PERMISSION_DENIED",
                                                "RESOURCE_EXHAUSTED",
                                                "FAILED_PRECONDITION",
                                                "ABORTED",
                                                "OUT_OF_RANGE",
                                                "UNIMPLEMENTED",
                                                "INTERNAL",
                                                "UNAVAILABLE",
                                                "DATA_LOSS",
                                                "UNAUTHENTICATED"};
  const auto index = static_cast<size_t>(code);
  return index < std::size(kNames) ? kNames[index] : "UNKNOWN";
}

}  // namespace snapledger::rpc
