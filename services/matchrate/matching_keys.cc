#include "services/matchrate/matching_keys.h"

namespace snapledger::matchrate {

using event::IdentifierKind;

std::span<const IdentifierKind> MatchingKeys() {
  static constexpr IdentifierKind kKeys[] = {
      IdentifierKind::kEmail,          IdentifierKind::kPhone,   IdentifierKind::kMobileAdId,
      IdentifierKind::kIpAndUserAgent, IdentifierKind::kClickId, IdentifierKind::kCookie1,
      IdentifierKind::kExternalId,     IdentifierKind::kIdfv};
  return kKeys;
}

std::string_view IdentifierWords(IdentifierKind kind) {
  switch (kind) {
    case IdentifierKind::kEmail:
      return "email";
    case IdentifierKind::kPhone:
      return "phone";
    case IdentifierKind::kMobileAdId:
      return "mobile ad id";
    case IdentifierKind::kIpAndUserAgent:
      return "IP address and user agent";
    case IdentifierKind::kClickId:
      return "click id";
    case IdentifierKind::kCookie1:
      return "first-party cookie";
    case IdentifierKind::kExternalId:
      return "external id";
    case IdentifierKind::kFirstName:
      return "first name";
    case IdentifierKind::kLastName:
      return "last name";
    case IdentifierKind::kGender:
      return "gender";
    case IdentifierKind::kCity:
      return "city";
    case IdentifierKind::kState:
      return "state";
    case IdentifierKind::kZip:
      return "postal code";
    case IdentifierKind::kCountry:
      return "country";
    case IdentifierKind::kIdfv:
      return "vendor id";
  }
  return "unknown identifier";
}

}  // namespace snapledger::matchrate
