#pragma once

#include <map>

#include "absl/status/status.h"
#include "services/event/identifier_kind.h"

namespace snapledger::matchrate {

// Level 0: what to expect of matches before any is reported. An event with the set s of usable
// identifiers is linked to an account at the rate
//
//   theta_s = reach * (1 - product over the matching keys k in s of (1 - link_rate_k))
//
// The reach is a ceiling: whoever has no account is found by no identifier. Pure, thread-safe.

// A share an operator assumes, with the range it lies in nine times of ten. All above 0 and below
// 1, low <= likely <= high.
struct AssumedShare {
  double low = 0;
  double likely = 0;
  double high = 0;
};

struct Assumptions {
  // The share of buyers who have an account.
  AssumedShare reach;
  // The chance that an identifier links a buyer who has an account. A matching key that is missing
  // here counts for nothing.
  std::map<event::IdentifierKind, AssumedShare> link_rates;
};

// What is assumed where an operator gives nothing. Snap publishes no such figures: these are wide
// guesses, to be replaced.
Assumptions DefaultAssumptions();

// INVALID_ARGUMENT: a share out of range or order, or a link rate for what is no matching key.
absl::Status CheckAssumptions(const Assumptions& assumptions);

// The matching keys of `set` that have a link rate.
event::IdentifierMask KeysOf(const Assumptions& assumptions, event::IdentifierMask set);

// What the likely values make of one set. With m_k = reach * link_rate_k:
struct SetPrior {
  double rate = 0;         // theta_s
  double naive_union = 0;  // 1 - product of (1 - m_k): too high, since failures are shared
  // What holds however the identifiers depend on each other (Frechet).
  double lower_bound = 0;        // max m_k
  double upper_bound = 0;        // min(1, sum of m_k)
  double reach_upper_bound = 0;  // min(reach, sum of m_k)
};
SetPrior PriorOf(const Assumptions& assumptions, event::IdentifierMask set);

}  // namespace snapledger::matchrate
