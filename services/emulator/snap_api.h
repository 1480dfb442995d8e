#pragma once

#include <optional>
#include <string>
#include <vector>

#include "services/emulator/activity.h"
#include "services/emulator/conversions.h"
#include "services/emulator/event_check.h"
#include "services/emulator/exchange.h"
#include "services/emulator/fault_list.h"
#include "services/emulator/options.h"
#include "services/emulator/rate_limit.h"
#include "services/emulator/tokens.h"

namespace snapledger::emulator {

// What Snap does with a request: who may, what is valid, what counts. Thread-safe.
class SnapApi {
 public:
  // All must outlive this.
  struct Parts {
    Tokens& tokens;
    FaultList& faults;
    Conversions& conversions;
    Activity& activity;
  };

  SnapApi(const Options& options, const Parts& parts);

  // The token of a request: its access_token parameter, or its bearer token where that counts.
  std::string TokenOf(const HttpRequest& request, const Route& route) const;

  // Answers an exchange whose request is complete, and lists its events. With `process` false the
  // events are listed only: nothing is accepted, logged or counted, and there is no answer.
  void Handle(Exchange& exchange, bool process);

 private:
  // The answer to a request that goes no further than its head.
  std::optional<HttpAnswer> Refuse(const Exchange& exchange);
  std::optional<HttpAnswer> RefuseToken(const Exchange& exchange) const;
  std::optional<HttpAnswer> RefuseForm(const Exchange& exchange) const;
  // Parses the body and lists its events. An answer if it is no batch of events.
  std::optional<HttpAnswer> ReadBatch(Exchange& exchange) const;
  void Judge(Exchange& exchange);
  std::vector<CheckedEvent> CheckAll(const Exchange& exchange) const;
  // Applies a reject_events fault.
  void RejectInjected(Exchange& exchange, std::vector<CheckedEvent>& checked);
  // True if an accepted event was a duplicate.
  bool Accept(Exchange& exchange, const std::vector<CheckedEvent>& checked);
  HttpAnswer Read(const Exchange& exchange) const;

  const Options& options_;
  const Rules& rules_;
  Parts parts_;
  RateLimit rate_limit_;
};

}  // namespace snapledger::emulator
