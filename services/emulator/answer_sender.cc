#include "services/emulator/answer_sender.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/clock.h"
#include "services/base/log.h"
#include "services/emulator/fault_answer.h"

namespace snapledger::emulator {
namespace {

constexpr absl::Duration kWriteStep = absl::Seconds(30);
constexpr absl::Duration kNextRequestWait = absl::Seconds(60);

}  // namespace

bool AnswerSender::JournalLines(const std::string& lines) {
  const absl::Status status = journal_.Append(lines);
  if (status.ok()) return true;
  base::Log(base::Severity::kError, "The journal cannot be written; the request gets no answer.",
            {{"reason", std::string(status.message())}});
  return false;
}

bool AnswerSender::JournalExchange(const AnswerFact& fact) {
  // Hashing the events is the larger part of the work, so it is left out where nobody reads it.
  return !journal_.kept() || JournalLines(ExchangeLines(exchange_, fact));
}

void AnswerSender::JournalUnanswered() { JournalExchange(AnswerFact()); }

HttpAnswer AnswerSender::UsualAnswer() const {
  if (exchange_.fault == nullptr || exchange_.fault->process) return exchange_.answer;
  HttpAnswer answer;
  answer.body = R"({"status":"VALID","reason":"Events have been processed successfully."})";
  return answer;
}

bool AnswerSender::Send(bool keep_alive) {
  if (exchange_.fault != nullptr) return SendFaulty(*exchange_.fault, keep_alive);
  return SendRules(keep_alive);
}

bool AnswerSender::SendRules(bool keep_alive) {
  AnswerFact fact;
  fact.status = exchange_.answer.status;
  fact.complete = true;
  fact.valid = exchange_.valid;
  return SendWhole(exchange_.answer, fact, keep_alive);
}

bool AnswerSender::SendFaulty(const Fault& fault, bool keep_alive) {
  switch (fault.kind) {
    case FaultKind::kHang:
      JournalUnanswered();
      stream_.Linger(fault.duration);
      return false;
    case FaultKind::kResetBeforeRead:
    case FaultKind::kResetAfterBody:
      JournalUnanswered();
      stream_.Reset();
      return false;
    case FaultKind::kDelay:
      return SendDelayed(fault, keep_alive);
    case FaultKind::kHalfAnswer:
      return SendHalf(fault);
    case FaultKind::kWrongLength:
      return SendWrongLength(fault, keep_alive);
    case FaultKind::kNeverEnding:
      return SendForever(fault);
    case FaultKind::kSlowLoris:
      return SendSlowly(fault, keep_alive);
    case FaultKind::kCloseKeepalive:
      return SendThenClose(fault);
    default:
      break;
  }
  const HttpAnswer answer = FaultAnswer(fault, exchange_.request.Header("host"), exchange_.time);
  return SendWhole(answer, FaultAnswerFact(fault, answer, exchange_.time), keep_alive);
}

bool AnswerSender::SendWhole(const HttpAnswer& answer, const AnswerFact& fact, bool keep_alive) {
  if (stream_.PeerGone()) {
    JournalUnanswered();
    return false;
  }
  if (!JournalExchange(fact)) return false;
  std::string bytes = RenderHead(answer, answer.body.size(), keep_alive);
  bytes.append(answer.body);
  if (stream_.Write(bytes, kWriteStep).ok()) return keep_alive;
  AnswerFact cut = fact;
  cut.complete = false;
  cut.valid = false;
  if (journal_.kept()) JournalLines(AnswerLine(exchange_, cut));
  return false;
}

bool AnswerSender::SendDelayed(const Fault& fault, bool keep_alive) {
  if (!stream_.Linger(fault.duration)) {
    JournalUnanswered();
    return false;
  }
  return SendRules(keep_alive);
}

bool AnswerSender::SendHalf(const Fault& fault) {
  const HttpAnswer answer = UsualAnswer();
  AnswerFact fact;
  fact.status = answer.status;
  if (!JournalExchange(fact)) return false;
  const std::string head = RenderHead(answer, answer.body.size(), true);
  const std::string half = absl::StrCat(head, answer.body.substr(0, answer.body.size() / 2));
  const absl::Status sent = stream_.Write(half, kWriteStep);
  // A reset throws away what the peer has not read yet; a moment lets it read.
  if (sent.ok() && fault.reset) stream_.Linger(absl::Milliseconds(20));
  if (fault.reset) stream_.Reset();
  return false;
}

bool AnswerSender::SendWrongLength(const Fault& fault, bool keep_alive) {
  const HttpAnswer answer = UsualAnswer();
  AnswerFact fact;
  fact.status = answer.status;
  if (!JournalExchange(fact)) return false;
  const int64_t length = static_cast<int64_t>(answer.body.size()) + fault.delta;
  const std::string head =
      RenderHead(answer, static_cast<size_t>(std::max<int64_t>(0, length)), keep_alive);
  const bool sent = stream_.Write(absl::StrCat(head, answer.body), kWriteStep).ok();
  // Announced too much: only the end of the connection ends the answer.
  return sent && keep_alive && fault.delta < 0;
}

bool AnswerSender::SendForever(const Fault& fault) {
  AnswerFact fact;
  fact.status = 200;
  if (!JournalExchange(fact)) return false;
  const base::Clock& clock = base::Clock::Real();
  const absl::Duration end = clock.Monotonic() + fault.duration;
  std::string next = absl::StrCat(RenderHead(HttpAnswer(), std::nullopt, true), "1\r\n{\r\n");
  while (stream_.Write(next, kWriteStep).ok() && clock.Monotonic() < end) {
    next = "1\r\n \r\n";
    if (!stream_.Linger(fault.interval)) break;
  }
  return false;
}

bool AnswerSender::SendSlowly(const Fault& fault, bool keep_alive) {
  AnswerFact fact;
  fact.status = exchange_.answer.status;
  if (!JournalExchange(fact)) return false;
  const std::string bytes =
      absl::StrCat(RenderHead(exchange_.answer, exchange_.answer.body.size(), keep_alive),
                   exchange_.answer.body);
  for (size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (!stream_.Write(bytes.substr(i, 1), kWriteStep).ok()) return false;
    if (!stream_.Linger(fault.interval)) return false;
  }
  // The last byte makes the answer whole, so the journal says so before it leaves.
  fact.complete = true;
  fact.valid = exchange_.valid;
  if (journal_.kept() && !JournalLines(AnswerLine(exchange_, fact))) return false;
  return stream_.Write(bytes.substr(bytes.size() - 1), kWriteStep).ok() && keep_alive;
}

bool AnswerSender::SendThenClose(const Fault& fault) {
  if (!SendRules(true)) return false;
  if (fault.on_next_request) {
    stream_.AwaitReadable(kNextRequestWait);
    stream_.Reset();
  }
  return false;
}

}  // namespace snapledger::emulator
