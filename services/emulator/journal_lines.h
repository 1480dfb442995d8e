#pragma once

#include <string>

#include "services/emulator/exchange.h"

namespace snapledger::emulator {

// What became of an answer.
struct AnswerFact {
  int status = 0;           // 0: nothing was sent
  bool complete = false;    // the whole answer was handed to the socket
  bool valid = false;       // it says VALID in JSON that can be read
  double retry_after = -1;  // seconds it asked to wait, from the request's time; negative: none
};

// The journal's lines for an exchange: the request, then its events. No token appears in them.
std::string ExchangeLines(const Exchange& exchange, const AnswerFact& fact);

// The line that corrects the answer of an exchange whose lines are written already.
std::string AnswerLine(const Exchange& exchange, const AnswerFact& fact);

}  // namespace snapledger::emulator
