#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/base/clock.h"
#include "services/base/secret.h"
#include "services/security/key_file.h"
#include "storage/data_key_store.h"

namespace snapledger::security {

// Where a sealed lot belongs; bound to it as associated data, so that a payload moved to another
// row does not open.
struct LotPlace {
  int32_t shard = 0;
  int64_t lot_id = 0;
};

// Which part of a lot is sealed, and how many parts come after it: both are bound, so that pieces
// that are missing or in another order do not open. The default is a whole lot.
struct LotPiece {
  uint8_t number = 0;
  uint8_t following = 0;
};

// Encrypts and decrypts lots under data keys of a UTC day (AES-256-GCM, random nonces); the data
// keys are kept wrapped under the key-encryption key. Opened ones are remembered until the day
// ends, so that a destroyed one is out of every process's memory a day later. Thread-safe.
//
// Sealed form, little-endian: u8 version (1) | u8 compression (0 none, 1 zstd) | u8 piece number |
//   u8 pieces that follow | i32 data key number | u32 raw bytes | 12 bytes nonce | ciphertext |
//   16 bytes tag.
// Associated data: i32 shard, i64 lot id, and the bytes before the nonce.
class Envelope {
 public:
  // `keys` and `data_keys` must outlive this.
  Envelope(const KeyRing& keys, storage::DataKeyStore& data_keys, const base::Clock& clock);

  // From now on lots are sealed for this life of the server; keys that another one had are read
  // again, since they may have been lost with it.
  void EnterLife(const storage::ServerLife& life) ABSL_LOCKS_EXCLUDED(mutex_);

  // Compresses where it pays (lots of several events) and encrypts under today's data key, which it
  // makes when there is none yet: then it asks the database; otherwise it does no I/O. UNAVAILABLE
  // where that is in another life than the lot is for.
  absl::StatusOr<std::string> SealLot(std::string_view raw_lot, LotPlace place,
                                      LotPiece piece = {});

  // The raw lot. DATA_LOSS where the bytes were changed, belong elsewhere or the data key is gone;
  // FAILED_PRECONDITION where the key file lacks the key that wraps the data key.
  absl::StatusOr<std::string> OpenLot(std::string_view sealed, LotPlace place, LotPiece piece = {});

  // Seals a short secret, such as an access token, directly under the key-encryption key.
  // `context` is bound to it and must be given again to open it.
  absl::StatusOr<std::string> SealSecret(const base::Secret& secret,
                                         std::string_view context) const;
  absl::StatusOr<base::Secret> OpenSecret(std::string_view sealed, std::string_view context) const;

 private:
  struct DataKey {
    int32_t number = 0;
    base::Secret key;
  };
  absl::StatusOr<DataKey> KeyOfToday() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<DataKey> KeyByNumber(int32_t number) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<DataKey> Unwrap(const storage::WrappedDataKey& stored) const;
  // Forgets the opened keys where `day` is another day than theirs.
  void TurnDay(absl::CivilDay day) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsOfThisLife(const storage::ServerLife& life) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetKeys() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const KeyRing& keys_;
  storage::DataKeyStore& data_keys_;
  const base::Clock& clock_;
  absl::Mutex mutex_;
  storage::ServerLife life_ ABSL_GUARDED_BY(mutex_);  // "": not said
  absl::CivilDay today_ ABSL_GUARDED_BY(mutex_);
  int32_t today_number_ ABSL_GUARDED_BY(mutex_) = 0;  // 0: not known yet
  absl::flat_hash_map<int32_t, base::Secret> open_keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace snapledger::security
