#include "storage/random_uuid.h"

#include <openssl/rand.h>

#include <cstdlib>

namespace snapledger::storage {

Uuid RandomUuid() {
  Uuid uuid{};
  // Without randomness nothing here is safe to go on with.
  if (RAND_bytes(uuid.data(), static_cast<int>(uuid.size())) != 1) std::abort();
  uuid[6] = static_cast<uint8_t>((uuid[6] & 0x0F) | 0x40);
  uuid[8] = static_cast<uint8_t>((uuid[8] & 0x3F) | 0x80);
  return uuid;
}

}  // namespace snapledger::storage
