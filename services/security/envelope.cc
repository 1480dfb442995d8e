#include "services/security/envelope.h"

#include <openssl/crypto.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/security/aes_gcm.h"
#include "services/security/key_wrap.h"
#include "services/security/little_endian.h"

namespace snapledger::security {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kUncompressed = 0;
constexpr uint8_t kZstd = 1;
constexpr size_t kPieceOffset = 2;
constexpr size_t kNumberOffset = 4;
constexpr size_t kRawBytesOffset = 8;
constexpr size_t kNonceOffset = 12;
constexpr size_t kContentOffset = kNonceOffset + kNonceBytes;

// Below about four events compressing costs more than it saves.
constexpr size_t kCompressFromBytes = 4096;
// Level 1 is both faster and smaller than 3 here: hashes offer no matches, only entropy coding.
constexpr int kZstdLevel = 1;

constexpr std::string_view kDataKeyContext = "snapledger data key";
constexpr std::string_view kSecretContext = "snapledger secret: ";

struct FreeZstd {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// Compresses into a space as large as the raw lot, so that what does not shrink does not fit.
// Returns the bytes written; 0 where it does not pay.
size_t CompressWherePays(std::string_view raw_lot, char* to) {
  if (raw_lot.size() < kCompressFromBytes) return 0;
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeZstd> context(ZSTD_createCCtx());
  SNAPLEDGER_CHECK(context != nullptr);
  const size_t written = ZSTD_compressCCtx(context.get(), to, raw_lot.size() - 1, raw_lot.data(),
                                           raw_lot.size(), kZstdLevel);
  return ZSTD_isError(written) != 0 ? 0 : written;
}

bool Decompress(std::string_view compressed, std::string* raw_lot) {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeZstd> context(ZSTD_createDCtx());
  SNAPLEDGER_CHECK(context != nullptr);
  return ZSTD_decompressDCtx(context.get(), raw_lot->data(), raw_lot->size(), compressed.data(),
                             compressed.size()) == raw_lot->size();
}

// The place, then the header: everything but the nonce that a reader relies on.
std::string AssociatedData(LotPlace place, std::string_view header) {
  std::array<char, sizeof(place.shard) + sizeof(place.lot_id)> place_bytes{};
  StoreLittleEndian(place.lot_id, StoreLittleEndian(place.shard, place_bytes.data()));
  return base::Concat(std::string_view(place_bytes.data(), place_bytes.size()), header);
}

void StoreHeader(uint8_t compression, LotPiece piece, int32_t key_number, size_t raw_bytes,
                 char* to) {
  to = StoreLittleEndian(kVersion, to);
  to = StoreLittleEndian(compression, to);
  to = StoreLittleEndian(piece.number, to);
  to = StoreLittleEndian(piece.following, to);
  to = StoreLittleEndian(key_number, to);
  StoreLittleEndian(static_cast<uint32_t>(raw_bytes), to);
}

bool HeaderIsKnown(std::string_view sealed, LotPiece piece) {
  return sealed.size() >= kContentOffset + kTagBytes &&
         LoadLittleEndian<uint8_t>(sealed, 0) == kVersion &&
         LoadLittleEndian<uint8_t>(sealed, 1) <= kZstd &&
         LoadLittleEndian<uint8_t>(sealed, kPieceOffset) == piece.number &&
         LoadLittleEndian<uint8_t>(sealed, kPieceOffset + 1) == piece.following;
}

// Turns the decrypted content of a lot into the raw lot its header describes.
absl::StatusOr<std::string> Unpack(uint8_t compression, size_t raw_bytes, std::string content) {
  if (compression == kUncompressed) {
    if (content.size() == raw_bytes) return content;
    return absl::DataLossError("the lot is not as long as it says");
  }
  if (raw_bytes > kAesGcmBytesMax) return absl::DataLossError("the lot is impossibly long");
  std::string raw_lot(raw_bytes, '\0');
  const bool decompressed = Decompress(content, &raw_lot);
  OPENSSL_cleanse(content.data(), content.size());
  if (!decompressed) return absl::DataLossError("the lot does not decompress");
  return raw_lot;
}

}  // namespace

Envelope::Envelope(const KeyRing& keys, storage::DataKeyStore& data_keys, const base::Clock& clock)
    : keys_(keys), data_keys_(data_keys), clock_(clock) {}

absl::StatusOr<std::string> Envelope::SealLot(std::string_view raw_lot, LotPlace place,
                                              LotPiece piece) {
  if (raw_lot.size() > kAesGcmBytesMax) {
    return absl::InvalidArgumentError("the lot is too large to seal");
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(const DataKey key, KeyOfToday());
  std::string sealed(kContentOffset + raw_lot.size() + kTagBytes, '\0');
  char* const nonce = sealed.data() + kNonceOffset;
  char* const content = sealed.data() + kContentOffset;
  const size_t compressed_bytes = CompressWherePays(raw_lot, content);
  const std::string_view plaintext =
      compressed_bytes > 0 ? std::string_view(content, compressed_bytes) : raw_lot;
  StoreHeader(compressed_bytes > 0 ? kZstd : kUncompressed, piece, key.number, raw_lot.size(),
              sealed.data());
  SNAPLEDGER_RETURN_IF_ERROR(FillRandom(nonce, kNonceBytes));
  SNAPLEDGER_RETURN_IF_ERROR(AesGcmEncrypt(
      key.key.Reveal(), std::string_view(nonce, kNonceBytes),
      AssociatedData(place, std::string_view(sealed.data(), kNonceOffset)), plaintext, content));
  sealed.resize(kContentOffset + plaintext.size() + kTagBytes);
  return sealed;
}

absl::StatusOr<std::string> Envelope::OpenLot(std::string_view sealed, LotPlace place,
                                              LotPiece piece) {
  if (!HeaderIsKnown(sealed, piece))
    return absl::DataLossError("the sealed lot has an unknown form");
  SNAPLEDGER_ASSIGN_OR_RETURN(const DataKey key,
                              KeyByNumber(LoadLittleEndian<int32_t>(sealed, kNumberOffset)));
  std::string content(sealed.size() - kContentOffset - kTagBytes, '\0');
  SNAPLEDGER_RETURN_IF_ERROR(AesGcmDecrypt(key.key.Reveal(),
                                           sealed.substr(kNonceOffset, kNonceBytes),
                                           AssociatedData(place, sealed.substr(0, kNonceOffset)),
                                           sealed.substr(kContentOffset), content.data()));
  return Unpack(LoadLittleEndian<uint8_t>(sealed, 1),
                LoadLittleEndian<uint32_t>(sealed, kRawBytesOffset), std::move(content));
}

absl::StatusOr<std::string> Envelope::SealSecret(const base::Secret& secret,
                                                 std::string_view context) const {
  return WrapSecret(keys_, secret, base::Concat(kSecretContext, context));
}

absl::StatusOr<base::Secret> Envelope::OpenSecret(std::string_view sealed,
                                                  std::string_view context) const {
  return UnwrapSecret(keys_, sealed, base::Concat(kSecretContext, context));
}

void Envelope::TurnDay(absl::CivilDay day) {
  if (day == today_) return;
  today_ = day;
  ForgetKeys();
}

void Envelope::ForgetKeys() {
  today_number_ = 0;
  open_keys_.clear();
}

bool Envelope::IsOfThisLife(const storage::ServerLife& life) const {
  return life_.empty() || life == life_;
}

void Envelope::EnterLife(const storage::ServerLife& life) {
  absl::MutexLock lock(&mutex_);
  if (life == life_) return;
  life_ = life;
  ForgetKeys();
}

absl::StatusOr<Envelope::DataKey> Envelope::KeyOfToday() {
  const absl::CivilDay day = absl::ToCivilDay(clock_.Now(), absl::UTCTimeZone());
  {
    absl::MutexLock lock(&mutex_);
    TurnDay(day);
    const auto found = open_keys_.find(today_number_);
    if (today_number_ != 0 && found != open_keys_.end()) {
      return DataKey{found->first, found->second};
    }
  }
  // Threads that get here together each offer a key; the store lets one win and gives it to all.
  std::string random(kAesKeyBytes, '\0');
  SNAPLEDGER_RETURN_IF_ERROR(FillRandom(random.data(), random.size()));
  const base::Secret offered(std::move(random));
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::string wrapped,
                              WrapSecret(keys_, offered, kDataKeyContext));
  SNAPLEDGER_ASSIGN_OR_RETURN(const storage::WrappedDataKey stored,
                              data_keys_.FindOrInsert(absl::FormatCivilTime(day), wrapped));
  SNAPLEDGER_ASSIGN_OR_RETURN(DataKey key, Unwrap(stored));
  absl::MutexLock lock(&mutex_);
  // A lot under a key that the server does not have could never be opened.
  if (!IsOfThisLife(stored.life)) {
    return absl::UnavailableError("the database has changed; repeating is safe");
  }
  TurnDay(day);
  today_number_ = key.number;
  open_keys_[key.number] = key.key;
  return key;
}

absl::StatusOr<Envelope::DataKey> Envelope::KeyByNumber(int32_t number) {
  const absl::CivilDay day = absl::ToCivilDay(clock_.Now(), absl::UTCTimeZone());
  {
    absl::MutexLock lock(&mutex_);
    TurnDay(day);
    const auto found = open_keys_.find(number);
    if (found != open_keys_.end()) return DataKey{number, found->second};
  }
  const absl::StatusOr<storage::WrappedDataKey> stored = data_keys_.Get(number);
  if (absl::IsNotFound(stored.status())) {
    return absl::DataLossError(base::Concat("data key ", number, " is gone"));
  }
  if (!stored.ok()) return stored.status();
  SNAPLEDGER_ASSIGN_OR_RETURN(DataKey key, Unwrap(*stored));
  absl::MutexLock lock(&mutex_);
  // Another life may have given its number to another key.
  if (IsOfThisLife(stored->life)) open_keys_[number] = key.key;
  return key;
}

absl::StatusOr<Envelope::DataKey> Envelope::Unwrap(const storage::WrappedDataKey& stored) const {
  absl::StatusOr<base::Secret> key = UnwrapSecret(keys_, stored.wrapped, kDataKeyContext);
  if (!key.ok()) {
    return absl::Status(key.status().code(),
                        base::Concat("data key ", stored.number, ": ", key.status().message()));
  }
  if (key->Reveal().size() != kAesKeyBytes) {
    return absl::DataLossError(base::Concat("data key ", stored.number, " has a wrong length"));
  }
  return DataKey{stored.number, *std::move(key)};
}

}  // namespace snapledger::security
