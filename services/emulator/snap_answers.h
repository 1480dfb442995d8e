#pragma once

#include <vector>

#include "absl/strings/string_view.h"
#include "services/emulator/event_check.h"
#include "services/emulator/http.h"
#include "services/emulator/options.h"

namespace snapledger::emulator {

// The bodies Snap answers with.

// {"status":"VALID",…}
HttpAnswer ValidAnswer(bool duplicates, const Rules& rules);

// {"status":"INVALID","reason":…} about the request as a whole.
HttpAnswer RefusedAnswer(int status, absl::string_view reason);

// EventResponse: names the first refused event, unless `name_event` is false.
HttpAnswer InvalidEventsAnswer(const std::vector<CheckedEvent>& events, bool name_event,
                               const Rules& rules);

// ValidateResponse: one log for each event.
HttpAnswer ValidateAnswer(const std::vector<CheckedEvent>& events, const Rules& rules);

}  // namespace snapledger::emulator
