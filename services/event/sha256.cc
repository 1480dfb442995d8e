#include "services/event/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <tuple>

#include "services/base/check.h"

namespace snapledger::event {
namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Fetched once: a lookup of the algorithm costs more than hashing a short value.
const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  SNAPLEDGER_CHECK(algorithm != nullptr);
  return algorithm;
}

EVP_MD_CTX* ThreadContext() {
  thread_local const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
  SNAPLEDGER_CHECK(context != nullptr);
  return context.get();
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Sha256Digest Sha256(std::string_view bytes) {
  EVP_MD_CTX* const context = ThreadContext();
  Sha256Digest digest;
  unsigned int size = 0;
  const bool hashed = EVP_DigestInit_ex2(context, Algorithm(), nullptr) == 1 &&
                      EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
                      EVP_DigestFinal_ex(context, digest.data(), &size) == 1;
  SNAPLEDGER_CHECK(hashed && size == digest.size());
  return digest;
}

std::optional<Sha256Digest> ParseSha256Hex(std::string_view hex) {
  Sha256Digest digest;
  if (hex.size() != 2 * digest.size()) return std::nullopt;
  for (size_t i = 0; i < digest.size(); ++i) {
    const int high = HexValue(hex[2 * i]);
    const int low = HexValue(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return digest;
}

bool LooksLikeSha256Hex(std::string_view text) { return ParseSha256Hex(text).has_value(); }

void AppendSha256Hex(const Sha256Digest& digest, std::string* hex) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<char, 2 * std::tuple_size_v<Sha256Digest>> digits;
  for (size_t i = 0; i < digest.size(); ++i) {
    digits[2 * i] = kDigits[digest[i] >> 4];
    digits[2 * i + 1] = kDigits[digest[i] & 0xF];
  }
  hex->append(digits.data(), digits.size());
}

}  // namespace snapledger::event
