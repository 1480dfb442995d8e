#pragma once

#include "absl/strings/string_view.h"
#include "services/emulator/event_check.h"
#include "services/emulator/findings.h"
#include "services/emulator/json_body.h"
#include "services/emulator/options.h"

namespace snapledger::emulator {

// The parts of CheckEvent, one per object of an event. Each adds to `findings`.

// Types, hashing and plain values of user_data; sets the signals found. No identity rule.
void CheckUserData(const JsonValue& user_data, const Rules& rules, EventFacts& facts,
                   Findings& findings);

// Error 507 unless the signals identify a person well enough for the action source.
void CheckIdentity(const EventFacts& facts, const Rules& rules, Findings& findings);

// Types of custom_data, and value and currency of a PURCHASE; sets the order id. `custom_data` is
// null where the event has none.
void CheckCustomData(const JsonValue* custom_data, const Rules& rules, EventFacts& facts,
                     Findings& findings);

// app_data of an app event; `tracking_flag_on_event` tells that the flag stands on the event.
void CheckAppData(const JsonValue* app_data, bool tracking_flag_on_event, const Rules& rules,
                  Findings& findings);

// 0, 1, true or false.
void CheckTrackingFlag(absl::string_view param, const JsonValue& value, Findings& findings);

// An error for a member that an object names twice, unless the rules take that.
void CheckDuplicateMembers(const JsonValue& object, absl::string_view where, const Rules& rules,
                           Findings& findings);

}  // namespace snapledger::emulator
