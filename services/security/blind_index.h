#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "services/base/secret.h"
#include "services/event/conversion_event.h"

namespace snapledger::security {

// Keyed 8-byte hashes by which events are found without the ledger holding anything guessable:
// HMAC-SHA-256 under the lookup key, cut to 8 bytes, domain-separated by kind. Thread-safe.
class BlindIndex {
 public:
  explicit BlindIndex(const base::Secret& lookup_key);
  ~BlindIndex();

  int64_t OrderId(std::string_view order_id) const;
  // `normalised`: the 32 digest bytes of a hashed identifier, or the plain value of another.
  int64_t Identifier(event::IdentifierKind kind, std::string_view normalised) const;

  // What stands in the ledger for the digest of an event's content: the digest of an event with few
  // identifiers could be guessed, and would tell them.
  int64_t Content(int64_t content_digest) const;

  // The hashes by which values and orders are counted, of domains of their own: what counting keeps
  // finds no event. `text`: as it stands in the event's JSON.
  int64_t CountedValue(event::IdentifierKind kind, std::string_view text) const;
  int64_t CountedOrder(std::string_view order_id) const;

  // All the hashes an event can be found by: its order id, each email, phone and external id, the
  // mobile ad id, click id and cookie.
  void AppendKeys(const event::ConversionEvent& event, std::vector<int64_t>* keys) const;

 private:
  int64_t Hash(uint8_t domain, std::string_view value) const;

  struct Keyed;
  const std::unique_ptr<Keyed> keyed_;
};

}  // namespace snapledger::security
