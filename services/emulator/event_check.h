#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/emulator/findings.h"
#include "services/emulator/json_body.h"
#include "services/emulator/options.h"

namespace snapledger::emulator {

enum class ActionSource { kUnknown, kWeb, kMobileApp, kOffline };

absl::string_view ActionSourceName(ActionSource source);

// The identity signals an event carries, as bits.
enum Signal : uint32_t {
  kEmail = 1,
  kPhone = 2,
  kAddressAndAgent = 4,
  kMobileAdId = 8,
  kExternalId = 16,
  kClickId = 32,
  kCookie = 64,
  kPersonalData = 128,  // names, gender, places
};

// What deduplication, counters and the journal need of an event. The views point into the body.
struct EventFacts {
  std::string name;            // a standard name in upper case, else as it came
  absl::string_view raw_name;  // as it came
  absl::string_view event_id;
  absl::string_view order_id;
  absl::string_view integration;
  ActionSource source = ActionSource::kUnknown;
  absl::Time time = absl::InfinitePast();
  uint32_t signals = 0;
  bool test = false;
};

struct CheckedEvent {
  EventFacts facts;
  Findings findings;
};

// Holds one element of data against every rule for events. `envelope_is_test` tells that the
// request carries a test_event_code of its own.
CheckedEvent CheckEvent(const JsonValue& event, bool envelope_is_test, const Rules& rules,
                        absl::Time now);

}  // namespace snapledger::emulator
