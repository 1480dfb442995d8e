#pragma once

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "storage/types.h"

namespace snapledger::query {

// 8-4-4-4-12 lower-case hex digits.
inline std::string UuidText(const storage::Uuid& uuid) {
  std::string hex = absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(uuid.data()), uuid.size()));
  for (const size_t dash : {8, 13, 18, 23}) hex.insert(dash, 1, '-');
  return hex;
}

}  // namespace snapledger::query
