#pragma once

#include "absl/strings/string_view.h"
#include "services/emulator/json_body.h"

namespace snapledger::emulator {

// 64 hexadecimal digits of either case.
bool IsDigest(absl::string_view text);
bool HasUpperCase(absl::string_view text);
// The SHA-256 of an empty string, in either case.
bool IsEmptyDigest(absl::string_view text);
// 8-4-4-4-12 hexadecimal digits.
bool IsUuid(absl::string_view text);
// A decimal number without a currency sign or spaces: -12, 0.5, 1e3.
bool IsDecimal(absl::string_view text);
bool AllDigits(absl::string_view text);
bool IsIpAddress(absl::string_view text);
// http or https with a host.
bool IsWebUrl(absl::string_view text);

// A JSON number, or a string holding a decimal one.
bool IsNumeric(const JsonValue& value);
// A JSON integer, or a string of digits.
bool IsWholeNumber(const JsonValue& value);
bool IsNegative(const JsonValue& value);
// A string, or an array of strings only.
bool IsTextOrList(const JsonValue& value);

}  // namespace snapledger::emulator
