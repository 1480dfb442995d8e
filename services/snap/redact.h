#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace snapledger::snap {

// A text of Snap's, or of a proxy before it, made fit to keep and show: it may quote the event or
// the request it is about. Words that look like an email address, an IP address, a digest, a key, a
// number of seven digits or more (a phone number in groups too) or the query of a URL become
// "[removed]"; control characters become spaces; bytes that are not UTF-8 become '?'. Cut at
// `bytes_max`, never inside a character. Pure.
std::string Redact(std::string_view text, size_t bytes_max);

// Cuts UTF-8 at `bytes_max`, never inside a character.
void CutAtCharacter(size_t bytes_max, std::string* text);

}  // namespace snapledger::snap
