#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/server_life.h"

namespace snapledger::storage {

struct WrappedDataKey {
  int32_t number = 0;
  std::string wrapped;  // under the key-encryption key; opaque here
  ServerLife life;      // of the server that has it
};

// The data keys lots are encrypted under, wrapped. They live in a schema of their own
// (snapledger_keys), so that a backup of the ledger can leave them out. Thread-safe.
class DataKeyStore {
 public:
  virtual ~DataKeyStore() = default;

  // The key of a day ("2026-11-23"). Where there is none, `wrapped_if_new` becomes it; of two
  // processes doing so at once both get the same one.
  virtual absl::StatusOr<WrappedDataKey> FindOrInsert(std::string_view day,
                                                      std::string_view wrapped_if_new) = 0;
  // NOT_FOUND once it was destroyed.
  virtual absl::StatusOr<WrappedDataKey> Get(int32_t number) = 0;
};

}  // namespace snapledger::storage
