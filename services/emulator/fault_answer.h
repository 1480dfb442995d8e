#pragma once

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/emulator/fault.h"
#include "services/emulator/http.h"
#include "services/emulator/journal_lines.h"

namespace snapledger::emulator {

// The answer of a fault that sends a whole one of its own: status, throttle, redirect, bad_json,
// empty_200, oversized, gzip_bomb. A redirect without a location leads to another path of `host`;
// `now` dates a Retry-After.
HttpAnswer FaultAnswer(const Fault& fault, absl::string_view host, absl::Time now);

// What the journal says of that answer, made at the same `now`, once it is sent whole.
AnswerFact FaultAnswerFact(const Fault& fault, const HttpAnswer& answer, absl::Time now);

}  // namespace snapledger::emulator
