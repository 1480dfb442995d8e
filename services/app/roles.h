#pragma once

#include <string_view>

#include "absl/status/statusor.h"

namespace snapledger::app {

// What a process does; each scales alone.
struct Roles {
  bool ingest = false;
  bool query = false;
  bool dispatch = false;
  bool maintenance = false;
};

// Reads a list such as "ingest,query". INVALID_ARGUMENT where it is empty or names no role.
absl::StatusOr<Roles> ParseRoles(std::string_view list);

}  // namespace snapledger::app
