#pragma once

#include "services/matchrate/coverage_change.h"
#include "services/matchrate/prior_model.h"

namespace snapledger::matchrate {

// The worked example of docs/match-rates.md.

inline constexpr event::IdentifierMask kEmailBit = event::MaskOf(event::IdentifierKind::kEmail);
inline constexpr event::IdentifierMask kPhoneBit = event::MaskOf(event::IdentifierKind::kPhone);
inline constexpr event::IdentifierMask kIpBit =
    event::MaskOf(event::IdentifierKind::kIpAndUserAgent);
inline constexpr event::IdentifierMask kCityBit = event::MaskOf(event::IdentifierKind::kCity);

inline Assumptions WorkedAssumptions() {
  return {.reach = {.low = 0.50, .likely = 0.60, .high = 0.70},
          .link_rates = {
              {event::IdentifierKind::kEmail, {.low = 0.65, .likely = 0.75, .high = 0.85}},
              {event::IdentifierKind::kPhone, {.low = 0.50, .likely = 0.60, .high = 0.70}},
              {event::IdentifierKind::kIpAndUserAgent, {.low = 0.15, .likely = 0.25, .high = 0.35}},
          }};
}

inline SetShares WorkedShares() {
  return {{kEmailBit | kPhoneBit | kIpBit, 0.40}, {kEmailBit | kIpBit, 0.30}, {kIpBit, 0.30}};
}

}  // namespace snapledger::matchrate
