#include "services/security/blind_index.h"

#include <nettle/hmac.h>
#include <openssl/crypto.h>

#include <array>
#include <string>

#include "services/security/little_endian.h"

namespace snapledger::security {
namespace {

// Domains below 64 are identifier kinds.
constexpr uint8_t kOrderIdDomain = 64;
constexpr uint8_t kCountedOrderDomain = 65;
constexpr uint8_t kContentDomain = 66;
// And from here on identifier kinds once more.
constexpr uint8_t kCountedValueDomains = 128;

std::string_view Bytes(const event::Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

// As good as the key itself.
struct BlindIndex::Keyed {
  ~Keyed() { OPENSSL_cleanse(&hmac, sizeof(hmac)); }
  hmac_sha256_ctx hmac;
};

BlindIndex::BlindIndex(const base::Secret& lookup_key) : keyed_(std::make_unique<Keyed>()) {
  const std::string_view key = lookup_key.Reveal();
  hmac_sha256_set_key(&keyed_->hmac, key.size(), reinterpret_cast<const uint8_t*>(key.data()));
}

BlindIndex::~BlindIndex() = default;

int64_t BlindIndex::OrderId(std::string_view order_id) const {
  return Hash(kOrderIdDomain, order_id);
}

int64_t BlindIndex::Identifier(event::IdentifierKind kind, std::string_view normalised) const {
  return Hash(static_cast<uint8_t>(kind), normalised);
}

int64_t BlindIndex::Content(int64_t content_digest) const {
  std::array<char, sizeof(content_digest)> bytes;
  StoreLittleEndian(content_digest, bytes.data());
  return Hash(kContentDomain, {bytes.data(), bytes.size()});
}

int64_t BlindIndex::CountedValue(event::IdentifierKind kind, std::string_view text) const {
  return Hash(static_cast<uint8_t>(kCountedValueDomains + static_cast<uint8_t>(kind)), text);
}

int64_t BlindIndex::CountedOrder(std::string_view order_id) const {
  return Hash(kCountedOrderDomain, order_id);
}

void BlindIndex::AppendKeys(const event::ConversionEvent& event, std::vector<int64_t>* keys) const {
  using event::IdentifierKind;
  const event::UserData& user = event.user_data;
  const auto append_all = [&](IdentifierKind kind,
                              const std::vector<event::Sha256Digest>& digests) {
    for (const event::Sha256Digest& digest : digests) {
      keys->push_back(Identifier(kind, Bytes(digest)));
    }
  };
  const auto append_plain = [&](IdentifierKind kind, const std::string& value) {
    if (!value.empty()) keys->push_back(Identifier(kind, value));
  };
  if (!event.custom_data.order_id.empty()) keys->push_back(OrderId(event.custom_data.order_id));
  append_all(IdentifierKind::kEmail, user.email);
  append_all(IdentifierKind::kPhone, user.phone);
  append_all(IdentifierKind::kExternalId, user.external_id);
  append_plain(IdentifierKind::kMobileAdId, user.mobile_ad_id);
  append_plain(IdentifierKind::kClickId, user.click_id);
  append_plain(IdentifierKind::kCookie1, user.cookie1);
}

int64_t BlindIndex::Hash(uint8_t domain, std::string_view value) const {
  Keyed message = *keyed_;
  hmac_sha256_update(&message.hmac, sizeof(domain), &domain);
  hmac_sha256_update(&message.hmac, value.size(), reinterpret_cast<const uint8_t*>(value.data()));
  std::array<uint8_t, sizeof(int64_t)> digest;
  hmac_sha256_digest(&message.hmac, digest.size(), digest.data());
  return LoadLittleEndian<int64_t>(
      std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()), 0);
}

}  // namespace snapledger::security
