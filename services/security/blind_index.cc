#include "services/security/blind_index.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <memory>
#include <string>

#include "services/base/check.h"
#include "services/security/little_endian.h"

namespace snapledger::security {
namespace {

// Domains below 64 are identifier kinds.
constexpr uint8_t kOrderIdDomain = 64;
constexpr uint8_t kCountedOrderDomain = 65;
// And from here on identifier kinds once more.
constexpr uint8_t kCountedValueDomains = 128;

struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

// An HMAC context with its key set: setting it costs more than hashing a short value does. A copy
// of the key tells whether the context still fits.
struct KeyedMac {
  std::unique_ptr<EVP_MAC_CTX, FreeMac> context;
  base::Secret key;
};

std::unique_ptr<EVP_MAC_CTX, FreeMac> NewContext(std::string_view key) {
  static EVP_MAC* const kHmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  SNAPLEDGER_CHECK(kHmac != nullptr);
  std::unique_ptr<EVP_MAC_CTX, FreeMac> context(EVP_MAC_CTX_new(kHmac));
  SNAPLEDGER_CHECK(context != nullptr);
  char digest[] = "SHA256";
  const std::array<OSSL_PARAM, 2> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  SNAPLEDGER_CHECK(EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(key.data()),
                                key.size(), parameters.data()) == 1);
  return context;
}

EVP_MAC_CTX* ReadyContext(const base::Secret& key) {
  thread_local KeyedMac mac;
  if (mac.context == nullptr || mac.key.Reveal() != key.Reveal()) {
    mac.context = NewContext(key.Reveal());
    mac.key = key;
  } else {
    SNAPLEDGER_CHECK(EVP_MAC_init(mac.context.get(), nullptr, 0, nullptr) == 1);
  }
  return mac.context.get();
}

std::string_view Bytes(const event::Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

int64_t BlindIndex::OrderId(std::string_view order_id) const {
  return Hash(kOrderIdDomain, order_id);
}

int64_t BlindIndex::Identifier(event::IdentifierKind kind, std::string_view normalised) const {
  return Hash(static_cast<uint8_t>(kind), normalised);
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
  EVP_MAC_CTX* const context = ReadyContext(key_);
  std::array<unsigned char, 32> digest{};
  size_t size = 0;
  SNAPLEDGER_CHECK(EVP_MAC_update(context, &domain, sizeof(domain)) == 1 &&
                   EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(value.data()),
                                  value.size()) == 1 &&
                   EVP_MAC_final(context, digest.data(), &size, digest.size()) == 1);
  return LoadLittleEndian<int64_t>(
      std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()), 0);
}

}  // namespace snapledger::security
