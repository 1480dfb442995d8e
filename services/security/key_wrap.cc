#include "services/security/key_wrap.h"

#include <cstdint>
#include <utility>

#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/security/aes_gcm.h"
#include "services/security/little_endian.h"

namespace snapledger::security {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kNonceOffset = sizeof(uint8_t) + sizeof(int32_t);
constexpr size_t kCiphertextOffset = kNonceOffset + kNonceBytes;

}  // namespace

absl::StatusOr<std::string> WrapSecret(const KeyRing& keys, const base::Secret& secret,
                                       std::string_view associated_data) {
  if (keys.key_encryption_keys.empty()) {
    return absl::FailedPreconditionError("the key file has no key-encryption key");
  }
  const auto& [id, key] = *keys.key_encryption_keys.rbegin();
  std::string wrapped(kCiphertextOffset + secret.Reveal().size() + kTagBytes, '\0');
  char* const nonce = StoreLittleEndian(int32_t{id}, StoreLittleEndian(kVersion, wrapped.data()));
  SNAPLEDGER_RETURN_IF_ERROR(FillRandom(nonce, kNonceBytes));
  SNAPLEDGER_RETURN_IF_ERROR(AesGcmEncrypt(key.Reveal(), std::string_view(nonce, kNonceBytes),
                                           associated_data, secret.Reveal(), nonce + kNonceBytes));
  return wrapped;
}

absl::StatusOr<base::Secret> UnwrapSecret(const KeyRing& keys, std::string_view wrapped,
                                          std::string_view associated_data) {
  if (wrapped.size() < kCiphertextOffset + kTagBytes ||
      LoadLittleEndian<uint8_t>(wrapped, 0) != kVersion) {
    return absl::DataLossError("the sealed secret has an unknown form");
  }
  const auto id = LoadLittleEndian<int32_t>(wrapped, sizeof(uint8_t));
  const auto key = keys.key_encryption_keys.find(id);
  if (key == keys.key_encryption_keys.end()) {
    return absl::FailedPreconditionError(
        base::Concat("sealed under key-encryption key ", id, ", which the key file does not have"));
  }
  std::string secret(wrapped.size() - kCiphertextOffset - kTagBytes, '\0');
  SNAPLEDGER_RETURN_IF_ERROR(
      AesGcmDecrypt(key->second.Reveal(), wrapped.substr(kNonceOffset, kNonceBytes),
                    associated_data, wrapped.substr(kCiphertextOffset), secret.data()));
  return base::Secret(std::move(secret));
}

}  // namespace snapledger::security
