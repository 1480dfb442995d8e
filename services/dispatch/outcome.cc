#include "services/dispatch/outcome.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "services/base/text.h"
#include "services/snap/decode.h"

namespace snapledger::dispatch {
namespace {

using Verdict = Decision::Verdict;
using snap::SnapAnswer;

constexpr absl::Duration kRetryAfterMax = absl::Hours(24);
constexpr absl::string_view kUnauthorizedReason = "unauthorized resources";
constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;

// Seconds, as digits alone; more of them than fit are more than the maximum too.
std::optional<absl::Duration> ParseSeconds(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    return std::nullopt;
  }
  int64_t seconds = 0;
  return absl::SimpleAtoi(base::AsAbsl(text), &seconds) ? absl::Seconds(seconds)
                                                        : absl::InfiniteDuration();
}

// The three forms of RFC 9110, section 5.6.7; all are in UTC.
std::optional<absl::Time> ParseHttpDate(std::string_view text) {
  for (const char* const format :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    absl::Time time;
    // abseil also reads "infinite-future".
    if (absl::ParseTime(format, base::AsAbsl(text), absl::UTCTimeZone(), &time, nullptr) &&
        time != absl::InfiniteFuture()) {
      return time;
    }
  }
  return std::nullopt;
}

std::optional<absl::Duration> ParseRetryAfter(std::string_view text, absl::Time now) {
  std::optional<absl::Duration> wait = ParseSeconds(text);
  if (!wait.has_value()) {
    const std::optional<absl::Time> date = ParseHttpDate(text);
    if (!date.has_value() || *date < now) return std::nullopt;
    wait = *date - now;
  }
  return std::min(*wait, kRetryAfterMax);
}

Verdict OfSuccess(SnapAnswer::Status status) {
  switch (status) {
    case SnapAnswer::Status::kValid:
      return Verdict::kDelivered;
    case SnapAnswer::Status::kInvalid:
      return Verdict::kRefused;
    case SnapAnswer::Status::kOther:
    case SnapAnswer::Status::kUnreadable:
      return Verdict::kDoubt;
  }
  return Verdict::kDoubt;
}

Verdict OfClientError(int http_status) {
  switch (http_status) {
    case 401:
    case 402:
    case 403:
    case 404:
    case 405:
    case 406:
    case 407:
    case 410:
    case 411:
    case 414:
    case 415:
    case 421:
    case 426:
    case 451:
      return Verdict::kHeld;
    case 408:
    case 425:
      return Verdict::kDoubt;
    case 413:
      return Verdict::kTooLarge;
    case kTooManyRequests:
      return Verdict::kThrottled;
    default:
      return Verdict::kRefused;
  }
}

Verdict OfAnswer(int http_status, const SnapAnswer& answer) {
  if (answer.status == SnapAnswer::Status::kInvalid &&
      absl::StrContains(absl::AsciiStrToLower(answer.reason), kUnauthorizedReason)) {
    return Verdict::kHeld;
  }
  switch (http_status / 100) {
    case 2:
      return OfSuccess(answer.status);
    case 3:
      return Verdict::kHeld;
    case 4:
      return OfClientError(http_status);
    default:
      return Verdict::kDoubt;
  }
}

std::string Explain(const snap::SnapReply& reply, Verdict verdict) {
  if (!reply.error.empty()) return reply.error;
  switch (verdict) {
    case Verdict::kDelivered:
    case Verdict::kRefused:
      return "";
    case Verdict::kNotSent:
      return "no connection";
    case Verdict::kTooLarge:
      return "the request is too large";
    case Verdict::kThrottled:
      return "too many requests";
    case Verdict::kHeld:
      return base::Concat("HTTP status ", reply.http_status, ": the token or a setting is wrong");
    case Verdict::kDoubt:
      return reply.http_status == 0
                 ? "no answer"
                 : base::Concat("HTTP status ", reply.http_status, " without a verdict");
  }
  return "";
}

}  // namespace

Decision Decide(const snap::SnapReply& reply, absl::Time now) {
  Decision decision;
  decision.http_status = reply.http_status;
  if (reply.transport == snap::Transport::kNotSent) {
    decision.verdict = Verdict::kNotSent;
  } else if (reply.transport == snap::Transport::kAnswered && reply.body_complete) {
    SnapAnswer answer = snap::DecodeAnswer(reply.body);
    decision.verdict = OfAnswer(reply.http_status, answer);
    decision.snap_status = std::move(answer.status_text);
    decision.snap_reason = std::move(answer.reason);
    decision.event_index = answer.event_index;
    decision.record_indexes = std::move(answer.record_indexes);
  }
  if (reply.retry_after.has_value() &&
      (reply.http_status == kTooManyRequests || reply.http_status == kServiceUnavailable)) {
    decision.retry_after = ParseRetryAfter(*reply.retry_after, now);
  }
  decision.error = Explain(reply, decision.verdict);
  return decision;
}

}  // namespace snapledger::dispatch
