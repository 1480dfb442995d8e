#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace snapledger::cli {

// The whole of a file, of standard input for "-". NOT_FOUND where it cannot be read.
absl::StatusOr<std::string> ReadFileText(const std::string& path);

}  // namespace snapledger::cli
