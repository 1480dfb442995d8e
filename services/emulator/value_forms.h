#pragma once

#include <string_view>

#include "services/emulator/json_body.h"

namespace snapledger::emulator {

// 64 hexadecimal digits of either case.
bool IsDigest(std::string_view text);
bool HasUpperCase(std::string_view text);
// The SHA-256 of an empty string, in either case.
bool IsEmptyDigest(std::string_view text);
// 8-4-4-4-12 hexadecimal digits.
bool IsUuid(std::string_view text);
// A decimal number without a currency sign or spaces: -12, 0.5, 1e3.
bool IsDecimal(std::string_view text);
bool AllDigits(std::string_view text);
bool IsIpAddress(std::string_view text);
// http or https with a host.
bool IsWebUrl(std::string_view text);

// A JSON number, or a string holding a decimal one.
bool IsNumeric(const JsonValue& value);
// A JSON integer, or a string of digits.
bool IsWholeNumber(const JsonValue& value);
bool IsNegative(const JsonValue& value);
// A string, or an array of strings only.
bool IsTextOrList(const JsonValue& value);

}  // namespace snapledger::emulator
