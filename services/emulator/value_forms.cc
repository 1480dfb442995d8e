#include "services/emulator/value_forms.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace snapledger::emulator {
namespace {

constexpr absl::string_view kEmptyDigest =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

size_t SkipDigits(absl::string_view text, size_t at) {
  while (at < text.size() && absl::ascii_isdigit(text[at])) ++at;
  return at;
}

}  // namespace

bool IsDigest(absl::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

bool HasUpperCase(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), absl::ascii_isupper);
}

bool IsEmptyDigest(absl::string_view text) { return absl::EqualsIgnoreCase(text, kEmptyDigest); }

bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

bool IsDecimal(absl::string_view text) {
  size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const size_t whole = SkipDigits(text, at);
  bool digits = whole > at;
  at = whole;
  if (at < text.size() && text[at] == '.') {
    const size_t fraction = SkipDigits(text, at + 1);
    digits = digits || fraction > at + 1;
    at = fraction;
  }
  if (!digits) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const size_t exponent = SkipDigits(text, at);
    if (exponent == at) return false;
    at = exponent;
  }
  return at == text.size();
}

bool AllDigits(absl::string_view text) {
  return !text.empty() && SkipDigits(text, 0) == text.size();
}

bool IsIpAddress(absl::string_view text) {
  const std::string terminated(text);
  if (terminated.size() != text.size() || absl::StrContains(text, '\0')) return false;
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, terminated.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, terminated.c_str(), bytes) == 1;
}

bool IsWebUrl(absl::string_view text) {
  for (const absl::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(text, scheme)) continue;
    const absl::string_view rest = text.substr(scheme.size());
    return !rest.empty() && rest[0] != '/' && rest[0] != '?' && rest[0] != '#' && rest[0] != ':';
  }
  return false;
}

bool IsNumeric(const JsonValue& value) {
  return value.IsNumber() || (value.IsString() && IsDecimal(TextOf(&value)));
}

bool IsWholeNumber(const JsonValue& value) {
  return value.IsInt64() || value.IsUint64() || (value.IsString() && AllDigits(TextOf(&value)));
}

bool IsNegative(const JsonValue& value) {
  if (value.IsNumber()) return value.GetDouble() < 0;
  return absl::StartsWith(TextOf(&value), "-");
}

bool IsTextOrList(const JsonValue& value) {
  if (value.IsString()) return true;
  if (!value.IsArray()) return false;
  const auto items = value.GetArray();
  return std::all_of(items.begin(), items.end(),
                     [](const JsonValue& item) { return item.IsString(); });
}

}  // namespace snapledger::emulator
