#pragma once

#include <rapidjson/document.h>

namespace snapledger::event {

// Compares the Snap event we made with the one a conformance vector expects, under the rules of
// the vectors: what means the same to Snap is equal. Changes both. `subset`: the expected members
// are enough.
bool SameSnapEvent(rapidjson::Document* expected, rapidjson::Document* actual, bool subset);

}  // namespace snapledger::event
