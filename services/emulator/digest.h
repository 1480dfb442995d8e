#pragma once

#include <string>
#include <string_view>

namespace snapledger::emulator {

// SHA-256 of the bytes as 64 lower-case hex digits. Thread-safe.
std::string Sha256Hex(std::string_view bytes);

}  // namespace snapledger::emulator
