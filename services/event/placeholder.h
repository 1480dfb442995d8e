#pragma once

#include <string_view>

#include "services/event/conversion_event.h"

namespace snapledger::event {

// Whether `trimmed` is what a program writes when it has no value: nothing, "null", "undefined",
// "n/a" and their like in any case, or an all-zero id.
bool IsPlaceholder(std::string_view trimmed);

// Whether the digest is that of the empty string or of a placeholder in its usual spellings.
bool IsPlaceholderDigest(const Sha256Digest& digest);

}  // namespace snapledger::event
