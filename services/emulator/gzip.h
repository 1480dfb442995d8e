#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace snapledger::emulator {

// The decompressed bytes; fails if they are not gzip or are more than `bytes_max`.
absl::StatusOr<std::string> Gunzip(absl::string_view compressed, size_t bytes_max);

// A small gzip stream that inflates to JSON of about that many bytes.
std::string GzipBomb(uint64_t bytes);

}  // namespace snapledger::emulator
