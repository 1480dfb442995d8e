#include "services/security/aes_gcm.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include <cerrno>
#include <memory>

#include "services/base/check.h"

namespace snapledger::security {
namespace {

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// Fetching the algorithm and making a context cost more than sealing a small lot does: both once.
const EVP_CIPHER* Cipher() {
  static const EVP_CIPHER* const kCipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  SNAPLEDGER_CHECK(kCipher != nullptr);
  return kCipher;
}

EVP_CIPHER_CTX* Context() {
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(EVP_CIPHER_CTX_new());
  SNAPLEDGER_CHECK(context != nullptr);
  return context.get();
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* Bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }

bool Encrypt(std::string_view key, std::string_view nonce, std::string_view associated_data,
             std::string_view plaintext, unsigned char* out) {
  EVP_CIPHER_CTX* const context = Context();
  int written = 0;
  return EVP_EncryptInit_ex2(context, Cipher(), Bytes(key), Bytes(nonce), nullptr) == 1 &&
         EVP_EncryptUpdate(context, nullptr, &written, Bytes(associated_data),
                           static_cast<int>(associated_data.size())) == 1 &&
         EVP_EncryptUpdate(context, out, &written, Bytes(plaintext),
                           static_cast<int>(plaintext.size())) == 1 &&
         EVP_EncryptFinal_ex(context, out + plaintext.size(), &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kTagBytes, out + plaintext.size()) == 1;
}

bool Decrypt(std::string_view key, std::string_view nonce, std::string_view associated_data,
             std::string_view ciphertext, std::string_view tag, unsigned char* out) {
  EVP_CIPHER_CTX* const context = Context();
  int written = 0;
  return EVP_DecryptInit_ex2(context, Cipher(), Bytes(key), Bytes(nonce), nullptr) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kTagBytes,
                             const_cast<char*>(tag.data())) == 1 &&
         EVP_DecryptUpdate(context, nullptr, &written, Bytes(associated_data),
                           static_cast<int>(associated_data.size())) == 1 &&
         EVP_DecryptUpdate(context, out, &written, Bytes(ciphertext),
                           static_cast<int>(ciphertext.size())) == 1 &&
         EVP_DecryptFinal_ex(context, out + ciphertext.size(), &written) == 1;
}

}  // namespace

absl::Status FillRandom(char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t filled = getrandom(bytes, size, 0);
    if (filled < 0 && errno == EINTR) continue;
    if (filled < 0) return absl::ErrnoToStatus(errno, "the random generator failed");
    bytes += filled;
    size -= static_cast<size_t>(filled);
  }
  return absl::OkStatus();
}

absl::Status AesGcmEncrypt(std::string_view key, std::string_view nonce,
                           std::string_view associated_data, std::string_view plaintext,
                           char* out) {
  SNAPLEDGER_CHECK(key.size() == kAesKeyBytes && nonce.size() == kNonceBytes);
  SNAPLEDGER_CHECK(plaintext.size() <= kAesGcmBytesMax);
  if (Encrypt(key, nonce, associated_data, plaintext, Bytes(out))) return absl::OkStatus();
  return absl::InternalError("AES-256-GCM failed");
}

absl::Status AesGcmDecrypt(std::string_view key, std::string_view nonce,
                           std::string_view associated_data, std::string_view ciphertext_and_tag,
                           char* out) {
  SNAPLEDGER_CHECK(key.size() == kAesKeyBytes && nonce.size() == kNonceBytes);
  if (ciphertext_and_tag.size() < kTagBytes ||
      ciphertext_and_tag.size() - kTagBytes > kAesGcmBytesMax) {
    return absl::DataLossError("the sealed bytes have an impossible length");
  }
  const size_t size = ciphertext_and_tag.size() - kTagBytes;
  if (Decrypt(key, nonce, associated_data, ciphertext_and_tag.substr(0, size),
              ciphertext_and_tag.substr(size), Bytes(out))) {
    return absl::OkStatus();
  }
  OPENSSL_cleanse(out, size);
  return absl::DataLossError("the sealed bytes were changed or belong elsewhere");
}

}  // namespace snapledger::security
