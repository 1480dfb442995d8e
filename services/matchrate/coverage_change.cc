#include "services/matchrate/coverage_change.h"

namespace snapledger::matchrate {

using event::IdentifierKind;
using event::IdentifierMask;

SetShares SharesOf(const SetCounts& counts) {
  int64_t events = 0;
  for (const auto& [set, count] : counts) events += count;
  SetShares shares;
  if (events == 0) return shares;
  for (const auto& [set, count] : counts) {
    shares[set] = static_cast<double>(count) / static_cast<double>(events);
  }
  return shares;
}

double CoverageOf(const SetShares& shares, IdentifierKind kind) {
  double coverage = 0;
  for (const auto& [set, share] : shares) {
    if ((set & event::MaskOf(kind)) != 0) coverage += share;
  }
  return coverage;
}

absl::StatusOr<SetShares> WithCoverage(const SetShares& shares, IdentifierKind kind,
                                       double coverage) {
  if (!(coverage >= 0 && coverage <= 1)) {
    return absl::InvalidArgumentError("a coverage is a share: between 0 and 1");
  }
  const double now = CoverageOf(shares, kind);
  const bool raise = coverage > now;
  const double part = raise ? (coverage - now) / (1 - now) : (now > 0 ? 1 - coverage / now : 0);
  SetShares changed;
  for (const auto& [set, share] : shares) {
    const bool has = (set & event::MaskOf(kind)) != 0;
    if (has == raise) {
      changed[set] += share;
      continue;
    }
    changed[set] += share * (1 - part);
    changed[static_cast<IdentifierMask>(set ^ event::MaskOf(kind))] += share * part;
  }
  return changed;
}

absl::StatusOr<ChangedRate> SimulateChanges(const CalibratedModel& model, const SetShares& shares,
                                            std::span<const CoverageChange> changes) {
  SetShares changed = shares;
  for (const CoverageChange& change : changes) {
    absl::StatusOr<SetShares> next = WithCoverage(changed, change.kind, change.coverage);
    if (!next.ok()) return next.status();
    changed = *std::move(next);
  }
  LinearEstimates estimates(model);
  return ChangedRate{.before = estimates.Of(shares),
                     .after = estimates.Of(changed),
                     .difference = estimates.Of(Minus(changed, shares))};
}

}  // namespace snapledger::matchrate
