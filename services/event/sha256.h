#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/event/conversion_event.h"

namespace snapledger::event {

Sha256Digest Sha256(std::string_view bytes);

// 64 hex digits in either case; nullopt for anything else.
std::optional<Sha256Digest> ParseSha256Hex(std::string_view hex);

// Whether `text` has the form of a SHA-256 digest: 64 hex digits in either case.
bool LooksLikeSha256Hex(std::string_view text);

// Lower case.
void AppendSha256Hex(const Sha256Digest& digest, std::string* hex);

}  // namespace snapledger::event
