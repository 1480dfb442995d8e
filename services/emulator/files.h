#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace snapledger::emulator {

absl::StatusOr<std::string> ReadFile(const std::string& path);

// Puts the file there whole or not at all.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view bytes);

// All bytes to the descriptor, in as few write(2) as it takes.
absl::Status WriteAll(int fd, absl::string_view bytes);

}  // namespace snapledger::emulator
