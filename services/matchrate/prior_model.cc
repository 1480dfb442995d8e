#include "services/matchrate/prior_model.h"

#include <algorithm>
#include <string_view>

#include "services/base/text.h"
#include "services/matchrate/matching_keys.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierKind;
using event::IdentifierMask;

bool IsMatchingKey(IdentifierKind kind) {
  const std::span<const IdentifierKind> keys = MatchingKeys();
  return std::find(keys.begin(), keys.end(), kind) != keys.end();
}

absl::Status CheckShare(const AssumedShare& share, std::string_view what) {
  if (share.low > 0 && share.low <= share.likely && share.likely <= share.high && share.high < 1) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      base::Concat("the assumption on ", what,
                   " must have 0 < low <= likely <= high < 1; give shares, not per cent"));
}

}  // namespace

Assumptions DefaultAssumptions() {
  return {.reach = {.low = 0.40, .likely = 0.60, .high = 0.75},
          .link_rates = {
              {IdentifierKind::kEmail, {.low = 0.55, .likely = 0.75, .high = 0.88}},
              {IdentifierKind::kPhone, {.low = 0.40, .likely = 0.60, .high = 0.78}},
              {IdentifierKind::kMobileAdId, {.low = 0.40, .likely = 0.65, .high = 0.85}},
              {IdentifierKind::kIpAndUserAgent, {.low = 0.10, .likely = 0.25, .high = 0.45}},
              {IdentifierKind::kClickId, {.low = 0.70, .likely = 0.90, .high = 0.97}},
              {IdentifierKind::kCookie1, {.low = 0.20, .likely = 0.45, .high = 0.70}},
              {IdentifierKind::kExternalId, {.low = 0.01, .likely = 0.05, .high = 0.20}},
              {IdentifierKind::kIdfv, {.low = 0.01, .likely = 0.05, .high = 0.20}},
          }};
}

absl::Status CheckAssumptions(const Assumptions& assumptions) {
  if (absl::Status status = CheckShare(assumptions.reach, "reach"); !status.ok()) return status;
  for (const auto& [kind, share] : assumptions.link_rates) {
    const std::string_view words = IdentifierWords(kind);
    if (!IsMatchingKey(kind)) {
      return absl::InvalidArgumentError(
          base::Concat("an assumption on ", words, ", which links nobody by itself; drop it"));
    }
    if (absl::Status status = CheckShare(share, words); !status.ok()) return status;
  }
  return absl::OkStatus();
}

IdentifierMask KeysOf(const Assumptions& assumptions, IdentifierMask set) {
  IdentifierMask keys = 0;
  for (const auto& [kind, share] : assumptions.link_rates) {
    keys = static_cast<IdentifierMask>(keys | (set & event::MaskOf(kind)));
  }
  return keys;
}

SetPrior PriorOf(const Assumptions& assumptions, IdentifierMask set) {
  const double reach = assumptions.reach.likely;
  double unlinked = 1;
  double unmatched = 1;
  double sum = 0;
  SetPrior prior;
  for (const auto& [kind, share] : assumptions.link_rates) {
    if ((set & event::MaskOf(kind)) == 0) continue;
    const double alone = reach * share.likely;
    unlinked *= 1 - share.likely;
    unmatched *= 1 - alone;
    sum += alone;
    prior.lower_bound = std::max(prior.lower_bound, alone);
  }
  prior.rate = reach * (1 - unlinked);
  prior.naive_union = 1 - unmatched;
  prior.upper_bound = std::min(1.0, sum);
  prior.reach_upper_bound = std::min(reach, sum);
  return prior;
}

}  // namespace snapledger::matchrate
