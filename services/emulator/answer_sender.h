#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/emulator/exchange.h"
#include "services/emulator/journal.h"
#include "services/emulator/journal_lines.h"
#include "services/emulator/stream.h"

namespace snapledger::emulator {

// Journals one exchange and answers it, the way its fault says. For one thread.
class AnswerSender {
 public:
  // All must outlive this.
  AnswerSender(Stream& stream, Journal& journal, const Exchange& exchange)
      : stream_(stream), journal_(journal), exchange_(exchange) {}

  // True if another request may follow on the connection; false after it was closed or reset, and
  // where the caller has to close it.
  bool Send(bool keep_alive);

  // Journals the exchange as one that gets no answer.
  void JournalUnanswered();

 private:
  bool SendFaulty(const Fault& fault, bool keep_alive);
  bool SendWhole(const HttpAnswer& answer, const AnswerFact& fact, bool keep_alive);
  bool SendRules(bool keep_alive);
  bool SendDelayed(const Fault& fault, bool keep_alive);
  bool SendHalf(const Fault& fault);
  bool SendWrongLength(const Fault& fault, bool keep_alive);
  bool SendForever(const Fault& fault);
  bool SendSlowly(const Fault& fault, bool keep_alive);
  bool SendThenClose(const Fault& fault);
  // False if the lines cannot be kept; nothing may be answered then.
  bool JournalLines(const std::string& lines);
  bool JournalExchange(const AnswerFact& fact);
  // The answer of the rules, or the usual success where they were not asked.
  HttpAnswer UsualAnswer() const;

  Stream& stream_;
  Journal& journal_;
  const Exchange& exchange_;
};

}  // namespace snapledger::emulator
