#include "services/event/normalize.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "services/event/byte_block.h"
#include "services/event/places.h"
#include "services/event/text.h"

namespace snapledger::event {
namespace {

constexpr size_t kEmailBytesMax = 254;
constexpr size_t kEmailLocalBytesMax = 64;
constexpr size_t kDomainLabelBytesMax = 63;
constexpr size_t kZipDigits = 5;
constexpr size_t kZipPlusFourDigits = 9;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AllDigits(std::string_view text) { return std::all_of(text.begin(), text.end(), IsDigit); }

// Nothing invisible, no white space: what a person never typed.
bool HasOnlyVisibleCharacters(std::string_view text) {
  const size_t plain = PlainPrefix(text, [](ByteBlock block) {
    return !block.HasNonAscii() && !block.HasBelow(0x21) && !block.Has(0x7F);
  });
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int64_t>(text.size());
  for (auto i = static_cast<int64_t>(plain); i < size;) {
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    if (c > 0x20 && c < 0x7F) continue;
    if (c < 0 || u_isUWhiteSpace(c) != 0 || (U_GET_GC_MASK(c) & U_GC_C_MASK) != 0) return false;
  }
  return true;
}

bool IsDomainLabel(std::string_view label) {
  if (label.empty() || label.size() > kDomainLabelBytesMax) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || IsDigit(c) || c == '-' || static_cast<signed char>(c) < 0;
  });
}

// At least two labels, the last one a name: nobody has mail at a bare host or an address.
bool IsDomain(std::string_view domain) {
  size_t labels = 0;
  std::string_view last;
  while (true) {
    const size_t dot = domain.find('.');
    last = domain.substr(0, dot);
    if (!IsDomainLabel(last)) return false;
    ++labels;
    if (dot == std::string_view::npos) break;
    domain.remove_prefix(dot + 1);
  }
  return labels >= 2 && !AllDigits(last);
}

bool IsLocalPart(std::string_view local) {
  return !local.empty() && local.size() <= kEmailLocalBytesMax &&
         local.find_first_of("\"(),:;<>[\\]") == std::string_view::npos;
}

bool IsEmail(std::string_view text) {
  if (text.size() > kEmailBytesMax) return false;
  const size_t at = text.find('@');
  if (at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos) {
    return false;
  }
  return IsLocalPart(text.substr(0, at)) && IsDomain(text.substr(at + 1)) &&
         HasOnlyVisibleCharacters(text);
}

// 12345-6789, the form of no other postal code but Saudi Arabia's, which the event's country tells.
bool IsWrittenZipPlusFour(std::string_view text) {
  return text.size() == kZipPlusFourDigits + 1 &&
         (text[kZipDigits] == '-' || text[kZipDigits] == ' ') &&
         AllDigits(text.substr(0, kZipDigits)) && AllDigits(text.substr(kZipDigits + 1));
}

NormalizeResult OkUnlessEmpty(const std::string& normalized) {
  return normalized.empty() ? NormalizeResult::kEmpty : NormalizeResult::kOk;
}

}  // namespace

NormalizeResult NormalizeEmail(std::string_view text, std::string* normalized) {
  LowerCase(text, normalized);
  return IsEmail(*normalized) ? NormalizeResult::kOk : NormalizeResult::kMalformed;
}

NormalizeResult NormalizeName(std::string_view text, std::string* normalized) {
  KeepLettersAndDigits(text, normalized);
  return OkUnlessEmpty(*normalized);
}

NormalizeResult NormalizeGender(std::string_view text, std::string* normalized) {
  KeepLettersAndDigits(text, normalized);
  for (const std::string_view word : {"f", "female", "woman", "girl"}) {
    if (*normalized == word) {
      *normalized = "f";
      return NormalizeResult::kOk;
    }
  }
  for (const std::string_view word : {"m", "male", "man", "boy"}) {
    if (*normalized == word) {
      *normalized = "m";
      return NormalizeResult::kOk;
    }
  }
  return normalized->empty() ? NormalizeResult::kEmpty : NormalizeResult::kUnknown;
}

NormalizeResult NormalizeState(std::string_view text, std::string* normalized) {
  KeepLettersAndDigits(text, normalized);
  const std::string_view code = FindUsState(*normalized);
  if (!code.empty()) normalized->assign(code);
  return OkUnlessEmpty(*normalized);
}

NormalizeResult NormalizeZip(std::string_view text, PostalCountry country,
                             std::string* normalized) {
  KeepLettersAndDigits(text, normalized);
  const bool plus_four = country == PostalCountry::kUnitedStates
                             ? normalized->size() == kZipPlusFourDigits && AllDigits(*normalized)
                             : country == PostalCountry::kNotGiven && IsWrittenZipPlusFour(text);
  if (plus_four) normalized->resize(kZipDigits);
  return OkUnlessEmpty(*normalized);
}

NormalizeResult NormalizeCountry(std::string_view text, std::string* normalized) {
  KeepLettersAndDigits(text, normalized);
  if (normalized->empty()) return NormalizeResult::kEmpty;
  const std::string_view code = FindCountry(*normalized);
  if (code.empty()) return NormalizeResult::kUnknown;
  normalized->assign(code);
  return NormalizeResult::kOk;
}

NormalizeResult NormalizeExternalId(std::string_view text, std::string* normalized) {
  normalized->assign(text);
  return OkUnlessEmpty(*normalized);
}

}  // namespace snapledger::event
