#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/event/conversion_event.h"
#include "services/event/raw_event.h"

namespace snapledger::event {

// The numbers are those of snapledger.v1.Reason.
enum class Reason : uint8_t {
  kRequired = 1,
  kMalformed = 2,
  kOutOfRange = 3,
  kTooLong = 4,
  kTooOld = 5,
  kInFuture = 6,
  kUnknownValue = 7,
  kNotEnoughIdentity = 8,
  kLooksHashed = 9,
  kNotSha256 = 10,
  kPlaceholder = 11,
  kNoCountryCode = 12,
  kWrongDestinationKind = 13,
  kIdReused = 14,
  kConsentDenied = 15,
  kSubjectErased = 16,
  kNotStandardEvent = 17,
  kIncomplete = 18,
};

// What is wrong with one field, for the person who sent it. Never holds the field's value.
struct Violation {
  std::string field;  // proto path within the event, e.g. user_data.email[0]
  Reason reason = Reason::kMalformed;
  std::string description;  // what is wrong and what to do
};

// What a destination's settings and the clock decide about an event.
struct PreparePolicy {
  DestinationKind destination_kind = DestinationKind::kPixel;
  std::string default_phone_region;  // ISO 3166 alpha-2, upper case; empty: none
  absl::Duration max_age_web = absl::Hours(7 * 24);
  absl::Duration max_age_mobile_app = absl::Hours(7 * 24);
  absl::Duration max_age_offline = absl::Hours(7 * 24);
  absl::Duration max_future = absl::Minutes(5);
  Consent unspecified_consent = Consent::kGranted;
  absl::Time now;
};

enum class Disposition : uint8_t {
  kSend,        // store and deliver
  kSuppressed,  // store without identifiers, never send (consent denied)
  kRejected,    // violations say why
};

struct PreparedEvent {
  Disposition disposition = Disposition::kRejected;
  ConversionEvent event;  // for kSuppressed: no user_data, no page, no order id
  // Fingerprint of the caller's event after normalisation. Depends on nothing but the event: a
  // changed setting (phone region, consent default, age limit) leaves it as it was.
  int64_t content_digest = 0;
  std::vector<Violation> violations;
  std::vector<Violation> warnings;
};

// Validates, normalises and hashes one event by contract section 4 and docs/snap-capi.md. Pure and
// thread-safe.
PreparedEvent Prepare(const RawEvent& raw, const PreparePolicy& policy);

// Brings what an event is looked up by, its order id and user_data, into the form Prepare gives it.
// Nothing else of `raw` is read. What cannot be used is left out of the event; violations and
// warnings say why.
PreparedEvent PrepareLookup(const RawEvent& raw, const PreparePolicy& policy);

}  // namespace snapledger::event
