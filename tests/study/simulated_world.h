#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "services/matchrate/match_observation.h"
#include "services/matchrate/prior_model.h"
#include "services/matchrate/random_stream.h"

namespace snapledger::study {

// Worlds whose true rates are known, to try the estimate in. They are not made as the model thinks:
//   - reach and link rates are triangular around the likely value on the logit scale, nine of ten
//     within the assumed range; the model takes them for normal;
//   - given an account, the identifiers' failures depend on each other through a factor all of them
//     share (a one-factor Gaussian copula, loading up to 0.7);
//   - the buyers of each set differ in reach (logit deviations of up to 0.4);
// so that the sets' rates are neither independent unions nor beta-distributed around them.

enum class WorldKind {
  kSetCounts,       // counts of single sets, 20 to 3000 events each; three of ten sets unreported
  kVariedTotals,    // totals over mixes that differ
  kBoth,            // some of each
  kNothing,         // no report at all
  kUnidentifiable,  // reports that cannot tell the sets apart, or too few
};

struct World {
  WorldKind kind = WorldKind::kSetCounts;
  matchrate::Assumptions assumptions;
  matchrate::SetShares shares;  // of all events, events without identifiers among them
  std::map<event::IdentifierMask, double> rates;  // the truth, for every set of the keys
  std::vector<matchrate::MatchObservation> observations;
  // A report that the model is not shown: 500 events of one set.
  matchrate::MatchObservation held_out;
};

// The same arguments give the same world. `heterogeneity` multiplies the largest loading (at most
// 0.95) and the largest deviation.
World MakeWorld(uint64_t seed, uint64_t number, double heterogeneity = 1);

}  // namespace snapledger::study
