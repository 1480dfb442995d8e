#include "services/emulator/snap_server.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/log.h"
#include "services/emulator/answer_sender.h"
#include "services/emulator/snap_answers.h"

namespace snapledger::emulator {
namespace {

constexpr absl::Duration kStep = absl::Seconds(30);

int StatusOf(ReadEnd end) {
  if (end == ReadEnd::kBodyTooBig) return 413;
  return end == ReadEnd::kHeadTooBig ? 431 : 400;
}

}  // namespace

void AnswerUnreadable(Stream& stream, ReadEnd end) {
  const HttpAnswer answer = RefusedAnswer(StatusOf(end), "The request cannot be read.");
  const std::string head = RenderHead(answer, answer.body.size(), false);
  if (!stream.Write(absl::StrCat(head, answer.body), kStep).ok()) return;
  // Closing over unread bytes would reset the connection and could take the answer with it.
  std::array<char, 64 << 10> rest;
  for (size_t left = 64 << 20; left > rest.size();) {
    const absl::StatusOr<size_t> count = stream.Read(rest.data(), rest.size(), absl::Seconds(1));
    if (!count.ok() || *count == 0) return;
    left -= *count;
  }
}

SSL_CTX* SnapServer::AdmitConnection(Stream& stream) {
  const FaultPtr fault = parts_.faults.TakeForConnection();
  if (fault == nullptr) return parts_.certificates.usual();
  switch (fault->kind) {
    case FaultKind::kExpiredCertificate:
      return parts_.certificates.expired();
    case FaultKind::kWrongHostCertificate:
      return parts_.certificates.wrong_host();
    case FaultKind::kTlsHang:
      stream.Linger(fault->duration);
      return nullptr;
    default:
      stream.Reset();
      return nullptr;
  }
}

void SnapServer::Serve(Stream& stream) {
  SSL_CTX* const context = AdmitConnection(stream);
  if (context == nullptr || !stream.Handshake(context, kStep).ok()) return;
  HttpReader::Limits limits;
  limits.body_bytes_max = options_.body_bytes_max;
  limits.idle = absl::Seconds(options_.keepalive_seconds);
  HttpReader reader(stream, limits);
  while (ServeRequest(stream, reader)) {
  }
}

bool SnapServer::ReadBody(Stream& stream, HttpReader& reader, Exchange& exchange) {
  const ReadEnd end = reader.ReadBody(exchange.request);
  exchange.body_read = end == ReadEnd::kOk;
  if (exchange.body_read) return true;
  AnswerFact fact;
  if (end != ReadEnd::kClosed) {
    fact.status = StatusOf(end);
    fact.complete = true;
  }
  if (!parts_.journal.Append(ExchangeLines(exchange, fact)).ok()) return false;
  if (end != ReadEnd::kClosed) AnswerUnreadable(stream, end);
  return false;
}

bool SnapServer::ServeRequest(Stream& stream, HttpReader& reader) {
  Exchange exchange;
  const ReadEnd end = reader.ReadHead(exchange.request);
  if (end == ReadEnd::kBad || end == ReadEnd::kHeadTooBig) AnswerUnreadable(stream, end);
  if (end != ReadEnd::kOk) return false;
  exchange.number = parts_.journal.NextNumber();
  exchange.time = options_.clock->Now();
  exchange.route = RouteOf(exchange.request.path);
  exchange.token = parts_.api.TokenOf(exchange.request, exchange.route);
  exchange.fault = parts_.faults.TakeForRequest(exchange.route);
  AnswerSender sender(stream, parts_.journal, exchange);
  const bool unread =
      exchange.fault != nullptr && exchange.fault->kind == FaultKind::kResetBeforeRead;
  if (!unread && !ReadBody(stream, reader, exchange)) return false;
  ++requests_;
  ++in_progress_;
  if (!unread) {
    parts_.api.Handle(exchange, exchange.fault == nullptr || exchange.fault->process);
  }
  const bool more = sender.Send(exchange.request.keep_alive);
  --in_progress_;
  return more;
}

}  // namespace snapledger::emulator
