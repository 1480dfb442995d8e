#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/emulator/endpoint.h"
#include "services/emulator/fault_list.h"
#include "services/emulator/http.h"
#include "services/emulator/json_body.h"

namespace snapledger::emulator {

// One event of a request, as the journal tells it. The views point into the exchange's body.
struct ReceivedEvent {
  absl::string_view event_id;
  absl::string_view bytes;
  bool accepted = false;  // by /events: it would reach Snap's measurement, or its test view
  bool counted = false;   // accepted, not a test, and no duplicate
  bool test = false;
};

// One request and what is answered to it.
struct Exchange {
  uint64_t number = 0;
  absl::Time time;
  Route route;
  HttpRequest request;
  std::string token;
  bool body_read = false;
  std::string inflated;  // the body, if it came compressed
  std::unique_ptr<JsonBody> body;
  std::vector<ReceivedEvent> events;
  FaultPtr fault;      // struck the request
  FaultPtr rejection;  // struck its events
  HttpAnswer answer;   // what the rules say; a fault may send another
  bool valid = false;  // `answer` says VALID
};

}  // namespace snapledger::emulator
