#include "services/event/text.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "services/base/check.h"
#include "services/event/byte_block.h"

namespace snapledger::event {
namespace {

bool IsAsciiLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char AsciiLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

char AsciiUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }

bool IsSpace(UChar32 c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  return u_isUWhiteSpace(c) != 0 || c == 0xFEFF || c == 0x200B;
}

const icu::Normalizer2& Nfc() {
  static const icu::Normalizer2* const instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
    SNAPLEDGER_CHECK(U_SUCCESS(status) && nfc != nullptr);
    return nfc;
  }();
  return *instance;
}

icu::StringPiece AsIcu(std::string_view text) {
  return {text.data(), static_cast<int32_t>(text.size())};
}

// Most text is in this form already.
void Compose(std::string* text) {
  UErrorCode status = U_ZERO_ERROR;
  if (Nfc().isNormalizedUTF8(AsIcu(*text), status) != 0) return;
  std::string composed;
  icu::StringByteSink<std::string> sink(&composed);
  Nfc().normalizeUTF8(0, AsIcu(*text), sink, nullptr, status);
  SNAPLEDGER_CHECK(U_SUCCESS(status));
  *text = std::move(composed);
}

// Composed before and after: lower-casing can leave a sequence that composes, and a decomposed
// capital must lower-case like the composed one.
void ToLower(std::string_view text, std::string* lower) {
  std::string composed(text);
  Compose(&composed);
  UErrorCode status = U_ZERO_ERROR;
  icu::StringByteSink<std::string> sink(lower);
  icu::CaseMap::utf8ToLower("", 0, AsIcu(composed), sink, nullptr, status);
  SNAPLEDGER_CHECK(U_SUCCESS(status));
  Compose(lower);
}

bool IsLetterOrDigit(UChar32 c) {
  if (c < 0x80) return IsAsciiLetterOrDigit(static_cast<char>(c));
  return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0;
}

}  // namespace

bool IsAscii(std::string_view text) {
  const size_t plain = PlainPrefix(text, [](ByteBlock block) { return !block.HasNonAscii(); });
  return std::all_of(text.begin() + plain, text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string ToLowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = AsciiLower(c);
  return lower;
}

std::string ToUpperAscii(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = AsciiUpper(c);
  return upper;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return AsciiLower(x) == AsciiLower(y); });
}

bool IsValidUtf8(std::string_view text) {
  if (IsAscii(text)) return true;
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int64_t>(text.size());
  int64_t i = 0;
  while (i < size) {
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    if (c < 0) return false;
  }
  return true;
}

bool HasControlCharacter(std::string_view text) {
  const size_t plain = PlainPrefix(text, [](ByteBlock block) {
    return !block.HasNonAscii() && !block.HasBelow(0x20) && !block.Has(0x7F);
  });
  for (size_t i = plain; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return true;
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      return true;
    }
  }
  return false;
}

size_t CountCharacters(std::string_view text) {
  size_t characters = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++characters;
  }
  return characters;
}

std::string_view TrimWhitespace(std::string_view text) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  auto end = static_cast<int32_t>(text.size());
  int32_t begin = 0;
  while (begin < end) {
    int32_t next = begin;
    UChar32 c;
    U8_NEXT(bytes, next, end, c);
    if (c < 0 || !IsSpace(c)) break;
    begin = next;
  }
  while (end > begin) {
    int32_t previous = end;
    UChar32 c;
    U8_PREV(bytes, begin, previous, c);
    if (c < 0 || !IsSpace(c)) break;
    end = previous;
  }
  return text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
}

void LowerCase(std::string_view text, std::string* lower) {
  lower->clear();
  if (IsAscii(text)) {
    lower->assign(text);
    for (char& c : *lower) c = AsciiLower(c);
    return;
  }
  ToLower(text, lower);
}

void KeepLettersAndDigits(std::string_view text, std::string* kept) {
  kept->clear();
  if (IsAscii(text)) {
    for (const char c : text) {
      if (IsAsciiLetterOrDigit(c)) kept->push_back(AsciiLower(c));
    }
    return;
  }
  std::string lower;
  ToLower(text, &lower);
  const auto* bytes = reinterpret_cast<const uint8_t*>(lower.data());
  const auto size = static_cast<int32_t>(lower.size());
  for (int32_t begin = 0, end = 0; begin < size; begin = end) {
    UChar32 c;
    U8_NEXT(bytes, end, size, c);
    if (IsLetterOrDigit(c)) kept->append(lower, begin, end - begin);
  }
  // What stood between a letter and its accent is gone, so they may compose now.
  Compose(kept);
}

}  // namespace snapledger::event
