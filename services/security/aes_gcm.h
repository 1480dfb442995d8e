#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace snapledger::security {

inline constexpr size_t kAesKeyBytes = 32;
inline constexpr size_t kNonceBytes = 12;
inline constexpr size_t kTagBytes = 16;
// OpenSSL counts in int.
inline constexpr size_t kAesGcmBytesMax = size_t{1} << 30;

// Fills `bytes` from the system's random generator; right after a fork too.
absl::Status FillRandom(char* bytes, size_t size);

// AES-256-GCM. Writes the ciphertext (as long as `plaintext`, which it may overwrite in place) and
// then the tag to `out`. A nonce must never be used twice under one key.
absl::Status AesGcmEncrypt(std::string_view key, std::string_view nonce,
                           std::string_view associated_data, std::string_view plaintext, char* out);

// Opens a ciphertext followed by its tag into `out` (shorter by the tag). DATA_LOSS where key,
// nonce, associated data or any byte is not what it was; `out` is wiped then.
absl::Status AesGcmDecrypt(std::string_view key, std::string_view nonce,
                           std::string_view associated_data, std::string_view ciphertext_and_tag,
                           char* out);

}  // namespace snapledger::security
