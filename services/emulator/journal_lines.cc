#include "services/emulator/journal_lines.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/emulator/digest.h"

namespace snapledger::emulator {
namespace {

void AppendAnswer(const AnswerFact& fact, std::string* line) {
  absl::StrAppend(line, R"("answer":{"status":)", fact.status, R"(,"complete":)",
                  fact.complete ? "true" : "false", R"(,"valid":)", fact.valid ? "true" : "false");
  if (fact.retry_after >= 0) absl::StrAppend(line, R"(,"retry_after":)", fact.retry_after);
  absl::StrAppend(line, "}}\n");
}

void AppendTextOrNull(absl::string_view text, bool null, std::string* line) {
  if (null) {
    line->append("null");
  } else {
    AppendJsonText(text, line);
  }
}

void AppendEvent(const Exchange& exchange, const ReceivedEvent& event, std::string* lines) {
  absl::StrAppend(lines, R"({"kind":"event","request":)", exchange.number, R"(,"asset":)");
  AppendJsonText(exchange.route.asset, lines);
  lines->append(R"(,"event_id":)");
  AppendTextOrNull(event.event_id, event.event_id.empty(), lines);
  absl::StrAppend(lines, R"(,"event_sha256":")", Sha256Hex(event.bytes), R"(","accepted":)",
                  event.accepted ? "true" : "false", R"(,"counted":)",
                  event.counted ? "true" : "false", R"(,"test":)", event.test ? "true" : "false",
                  R"(,"event":)");
  const size_t begin = lines->size();
  absl::StrAppend(lines, event.bytes.empty() ? "null" : event.bytes);
  // A line is one line; in JSON a bare line end can only stand between tokens.
  std::replace_if(
      lines->begin() + static_cast<ptrdiff_t>(begin), lines->end(),
      [](char c) { return c == '\n' || c == '\r'; }, ' ');
  lines->append("}\n");
}

}  // namespace

std::string ExchangeLines(const Exchange& exchange, const AnswerFact& fact) {
  std::string lines;
  size_t size = 512;
  for (const ReceivedEvent& event : exchange.events) size += event.bytes.size() + 320;
  lines.reserve(size);
  const int64_t micros = absl::ToUnixMicros(exchange.time);
  absl::StrAppend(&lines, R"({"kind":"request","number":)", exchange.number);
  absl::StrAppendFormat(&lines, R"(,"time":%d.%06d,"asset":)", micros / 1000000, micros % 1000000);
  AppendJsonText(exchange.route.asset, &lines);
  absl::StrAppend(&lines, R"(,"endpoint":")", EndpointName(exchange.route.endpoint),
                  R"(","token_sha256":)");
  AppendTextOrNull(Sha256Hex(exchange.token), exchange.token.empty(), &lines);
  lines.append(R"(,"body_sha256":)");
  AppendTextOrNull(exchange.body_read ? Sha256Hex(exchange.request.body) : "", !exchange.body_read,
                   &lines);
  absl::StrAppend(&lines, R"(,"events":)", exchange.events.size(), R"(,"fault":)");
  const FaultPtr& fault = exchange.fault != nullptr ? exchange.fault : exchange.rejection;
  AppendTextOrNull(fault == nullptr ? "" : fault->name, fault == nullptr, &lines);
  lines.push_back(',');
  AppendAnswer(fact, &lines);
  for (const ReceivedEvent& event : exchange.events) AppendEvent(exchange, event, &lines);
  return lines;
}

std::string AnswerLine(const Exchange& exchange, const AnswerFact& fact) {
  std::string line = absl::StrCat(R"({"kind":"answer","request":)", exchange.number, ",");
  AppendAnswer(fact, &line);
  return line;
}

}  // namespace snapledger::emulator
