#include "services/emulator/fault_answer.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/emulator/gzip.h"
#include "services/emulator/json_body.h"

namespace snapledger::emulator {
namespace {

std::string Oversized(uint64_t bytes) {
  std::string body = R"({"status":"VALID","reason":")";
  if (body.size() + 2 < bytes) body.resize(bytes - 2, 'x');
  return body.append(R"("})");
}

// A date names whole seconds, so that it asks for less than was meant.
absl::Time RetryDate(const Fault& fault, absl::Time now) {
  return absl::FromUnixSeconds(
      absl::ToUnixSeconds(now + absl::Seconds(std::llround(fault.retry_after))));
}

std::string RetryAfter(const Fault& fault, absl::Time now) {
  if (!fault.retry_after_as_date) return absl::StrCat(std::llround(fault.retry_after));
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", RetryDate(fault, now), absl::UTCTimeZone());
}

// Seconds from `now`; negative: nothing was asked.
double AskedToWait(const Fault& fault, absl::Time now) {
  if (fault.retry_after < 0 || !fault.retry_after_as_date) return fault.retry_after;
  return std::max(0.0, absl::ToDoubleSeconds(RetryDate(fault, now) - now));
}

std::string DefaultBody(int status) {
  if (status == 429) return R"({"status":"INVALID","reason":"Too Many Requests"})";
  return absl::StrCat(R"({"status":"INVALID","reason":"Injected status )", status, R"("})");
}

bool SaysValid(absl::string_view json) {
  const auto body = JsonBody::Parse(json);
  return body.ok() && TextOf(FindMember((*body)->root(), "status")) == "VALID";
}

}  // namespace

HttpAnswer FaultAnswer(const Fault& fault, absl::string_view host, absl::Time now) {
  HttpAnswer answer;
  answer.headers = fault.headers;
  switch (fault.kind) {
    case FaultKind::kBadJson:
      answer.body = fault.body.value_or(R"({"status":"VALID","reason":"Events have)");
      return answer;
    case FaultKind::kEmpty200:
      return answer;
    case FaultKind::kOversized:
      answer.body = Oversized(fault.bytes);
      return answer;
    case FaultKind::kGzipBomb:
      answer.headers.emplace_back("Content-Encoding", "gzip");
      answer.body = GzipBomb(fault.bytes);
      return answer;
    default:
      break;
  }
  answer.status = fault.status;
  if (fault.kind == FaultKind::kRedirect) {
    answer.headers.emplace_back("Location", fault.location.empty()
                                                ? absl::StrCat("https://", host, "/redirected")
                                                : fault.location);
    return answer;
  }
  if (fault.retry_after >= 0) answer.headers.emplace_back("Retry-After", RetryAfter(fault, now));
  answer.body = fault.body.value_or(DefaultBody(fault.status));
  // A body of the fault's own may be HTML, as a proxy would send.
  if (absl::StartsWith(answer.body, "<")) answer.content_type = "text/html";
  return answer;
}

AnswerFact FaultAnswerFact(const Fault& fault, const HttpAnswer& answer, absl::Time now) {
  AnswerFact fact;
  fact.status = answer.status;
  fact.complete = true;
  fact.retry_after = AskedToWait(fault, now);
  // An answer of several megabytes says VALID only to a client without a limit; not counted on.
  const bool readable = fault.kind != FaultKind::kOversized && fault.kind != FaultKind::kGzipBomb;
  fact.valid = readable && answer.status / 100 == 2 && SaysValid(answer.body);
  return fact;
}

}  // namespace snapledger::emulator
