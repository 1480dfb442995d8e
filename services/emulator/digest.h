#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace snapledger::emulator {

// SHA-256 of the bytes as 64 lower-case hex digits. Thread-safe.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace snapledger::emulator
