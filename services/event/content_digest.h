#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "services/event/conversion_event.h"

namespace snapledger::event {

// What of a caller's event the prepared form no longer shows, because settings of the destination
// took part in it.
struct CallerForm {
  std::vector<Sha256Digest> stated_phones;   // with a country code of their own, or hashed
  std::vector<std::string> phones_as_given;  // digits of those the settings completed
  int consent = 0;                           // the wire number
};

// The first 8 bytes of SHA-256 over an unambiguous serialisation of the event. The same for every
// honest repeat: how a value was spelled before normalisation, whether it came raw or hashed, the
// order of identifiers, dropped placeholders and every setting leave it as it is. The event id and
// the masks play no part. Not for keeping: whoever guesses the identifiers of an event with few of
// them sees by it that the guess is right (security::BlindIndex::Content).
int64_t ComputeContentDigest(const ConversionEvent& event, const CallerForm& caller);

}  // namespace snapledger::event
