// Whatever Snap or a proxy before it answers ends in a verdict that keeps the promises below.
//
// An input is a line of words (a number: the HTTP status; "complete", "broken",
// "notsent"), a line with the text of Retry-After (empty: no such header), and the body.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "services/base/text.h"
#include "services/dispatch/named_events.h"
#include "services/dispatch/outcome.h"
#include "services/snap/client.h"
#include "services/snap/decode.h"

namespace snapledger::dispatch {
namespace {

using snap::SnapReply;
using snap::Transport;
using Verdict = Decision::Verdict;

constexpr size_t kShownBytesMax = 512;
constexpr int kEventCount = 7;

#define PROMISE(condition)                                                         \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)

std::string_view TakeLine(std::string_view* text) {
  const size_t end = text->find('\n');
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return line;
}

SnapReply ReplyOf(std::string_view input) {
  SnapReply reply;
  reply.transport = Transport::kAnswered;
  const std::string_view words = TakeLine(&input);
  for (const absl::string_view word : absl::StrSplit(base::AsAbsl(words), ' ')) {
    if (int status = 0; absl::SimpleAtoi(word, &status)) reply.http_status = status;
    if (word == "complete") reply.body_complete = true;
    if (word == "broken") reply.transport = Transport::kBroken;
    if (word == "notsent") reply.transport = Transport::kNotSent;
  }
  const std::string_view retry_after = TakeLine(&input);
  if (!retry_after.empty()) reply.retry_after = std::string(retry_after);
  reply.body = std::string(input);
  return reply;
}

bool IsShowable(std::string_view text) {
  if (text.size() > kShownBytesMax) return false;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f) return false;
  }
  return true;
}

void CheckDecision(const SnapReply& reply, const Decision& decision) {
  PROMISE(decision.verdict <= Verdict::kDoubt);
  const bool whole = reply.transport == Transport::kAnswered && reply.body_complete;
  const bool success = reply.http_status >= 200 && reply.http_status < 300;
  // Events count as delivered, refused or held back only by an answer that arrived whole.
  if (decision.verdict == Verdict::kDelivered) PROMISE(whole && success);
  if (decision.verdict == Verdict::kRefused) PROMISE(whole && reply.http_status < 500);
  // Only the transport knows that nothing was sent.
  PROMISE((decision.verdict == Verdict::kNotSent) == (reply.transport == Transport::kNotSent));
  if (reply.transport == Transport::kBroken) PROMISE(decision.verdict == Verdict::kDoubt);
  if (decision.verdict == Verdict::kThrottled) PROMISE(reply.http_status == 429);
  PROMISE(IsShowable(decision.snap_status));
  PROMISE(IsShowable(decision.snap_reason));
  PROMISE(IsShowable(decision.error));
  if (decision.retry_after.has_value()) {
    PROMISE(*decision.retry_after >= absl::ZeroDuration());
    PROMISE(*decision.retry_after <= absl::Hours(24));
  }
}

void CheckValidation(const SnapReply& reply) {
  const std::vector<snap::EventVerdict> verdicts = snap::DecodeEventVerdicts(reply.body);
  for (const snap::EventVerdict& verdict : verdicts) PROMISE(IsShowable(verdict.reason));
  for (const auto& refused : RefusedByValidation(verdicts, kEventCount)) {
    PROMISE(refused.index >= 0 && refused.index < kEventCount);
  }
}

}  // namespace
}  // namespace snapledger::dispatch

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace snapledger;
  const snap::SnapReply reply = dispatch::ReplyOf({reinterpret_cast<const char*>(data), size});
  dispatch::CheckDecision(reply, dispatch::Decide(reply, absl::FromUnixSeconds(1'790'000'000)));
  dispatch::CheckValidation(reply);
  return 0;
}
