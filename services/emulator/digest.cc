#include "services/emulator/digest.h"

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "services/base/check.h"

namespace snapledger::emulator {

std::string Sha256Hex(absl::string_view bytes) {
  // EVP_sha256() is looked up again on every use; the fetched one is not, and a context per thread
  // saves an allocation per event.
  static EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                                EVP_MD_CTX_free);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  SNAPLEDGER_CHECK(md != nullptr && context != nullptr);
  SNAPLEDGER_CHECK(EVP_DigestInit_ex2(context.get(), md, nullptr) == 1);
  SNAPLEDGER_CHECK(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
  SNAPLEDGER_CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex(size * 2, '\0');
  for (unsigned int i = 0; i < size; ++i) {
    hex[2 * i] = kDigits[digest[i] >> 4];
    hex[2 * i + 1] = kDigits[digest[i] & 15];
  }
  return hex;
}

}  // namespace snapledger::emulator
