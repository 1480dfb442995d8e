#pragma once

#include <cstdint>

namespace snapledger::event {

// What can identify a person. The numbers are those of snapledger.v1.IdentifierKind; a set of them
// is a mask with bit (number - 1).
enum class IdentifierKind : uint8_t {
  kEmail = 1,
  kPhone = 2,
  kMobileAdId = 3,
  kIpAndUserAgent = 4,  // counted only together
  kClickId = 5,
  kCookie1 = 6,
  kExternalId = 7,
  kFirstName = 8,
  kLastName = 9,
  kGender = 10,
  kCity = 11,
  kState = 12,
  kZip = 13,
  kCountry = 14,
  kIdfv = 15,
};

using IdentifierMask = uint16_t;

constexpr IdentifierMask MaskOf(IdentifierKind kind) {
  return static_cast<IdentifierMask>(1U << (static_cast<unsigned>(kind) - 1));
}

}  // namespace snapledger::event
