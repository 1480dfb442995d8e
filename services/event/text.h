#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace snapledger::event {

bool IsAscii(std::string_view text);

// These know the letters A to Z only; other bytes stand for themselves.
std::string ToLowerAscii(std::string_view text);
std::string ToUpperAscii(std::string_view text);
bool EqualsIgnoringCase(std::string_view a, std::string_view b);

// Well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
bool IsValidUtf8(std::string_view text);

// U+0000..U+001F, U+007F..U+009F. `text` is valid UTF-8.
bool HasControlCharacter(std::string_view text);

// Code points of valid UTF-8.
size_t CountCharacters(std::string_view text);

// Without the white space around it: Unicode's, byte order marks and zero-width spaces included.
// `text` is valid UTF-8.
std::string_view TrimWhitespace(std::string_view text);

// The full Unicode lower case, the same in every locale, in normal form C. Replaces *lower.
void LowerCase(std::string_view text, std::string* lower);

// LowerCase without anything but letters, marks and digits: no space, punctuation, symbol.
// Replaces *kept.
void KeepLettersAndDigits(std::string_view text, std::string* kept);

}  // namespace snapledger::event
