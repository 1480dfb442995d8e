#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace snapledger::snap {

// `body` as a gzip stream, level 1. Pure.
absl::StatusOr<std::string> Gzip(std::string_view body);

}  // namespace snapledger::snap
