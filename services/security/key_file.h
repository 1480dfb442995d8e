#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "services/base/secret.h"

namespace snapledger::security {

// The secrets of a deployment, from --key-file. Text, one per line, `#` starts a comment:
//   key-encryption ID HEX64   any number of them; the highest ID encrypts, all decrypt
//   lookup HEX64              keys the hashes that events are found by (order id, person)
//   page-token HEX64          authenticates page and resume tokens
struct KeyRing {
  std::map<int, base::Secret> key_encryption_keys;  // ID -> 32 bytes
  base::Secret lookup_key;                          // 32 bytes
  base::Secret page_token_key;                      // 32 bytes
};

// Reads a key file. NOT_FOUND, INVALID_ARGUMENT naming the line, or FAILED_PRECONDITION where
// others may read the file.
absl::StatusOr<KeyRing> LoadKeyFile(const std::string& path);

// Makes a key file with fresh random keys, mode 0600, atomically; ALREADY_EXISTS where there is
// one.
absl::Status CreateKeyFile(const std::string& path);

}  // namespace snapledger::security
