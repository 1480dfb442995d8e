#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/base/secret.h"
#include "services/security/key_file.h"

namespace snapledger::security {

// Seals a short secret under the key-encryption key with the highest ID. Form, little-endian:
//   u8 version (1) | i32 key-encryption key ID | 12 bytes nonce | ciphertext | 16 bytes tag
// `associated_data` is bound to it. FAILED_PRECONDITION where there is no key.
absl::StatusOr<std::string> WrapSecret(const KeyRing& keys, const base::Secret& secret,
                                       std::string_view associated_data);

// DATA_LOSS where the bytes were changed or belong elsewhere; FAILED_PRECONDITION where the key
// ring lacks their key, which the message names: the right key file brings them back.
absl::StatusOr<base::Secret> UnwrapSecret(const KeyRing& keys, std::string_view wrapped,
                                          std::string_view associated_data);

}  // namespace snapledger::security
