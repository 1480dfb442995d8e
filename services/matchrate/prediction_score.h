#pragma once

#include <span>

#include "services/matchrate/calibrated_model.h"
#include "services/matchrate/match_observation.h"
#include "services/matchrate/prior_model.h"

namespace snapledger::matchrate {

// How well a model foretold a count it had not learned from. Pure, thread-safe.

// A prediction's rate, whose events then match by it: the beta-binomial with these moments.
struct PredictedRate {
  double mean = 0;
  double variance = 0;
};

// The logarithm of the probability that `rate` gave to the observed count; the higher the better.
double LogScore(const PredictedRate& rate, const MatchObservation& observation);

// What the model's draws say of the observation's mix.
PredictedRate PredictByModel(const CalibratedModel& model, const MatchObservation& observation);

// Where the count lies in the model's predictive distribution, 0 to 1: the probability of a smaller
// one and half that of the same. Uniform over many observations where the model is right.
double PredictivePlace(const CalibratedModel& model, const MatchObservation& observation);

// The two ways the model has to beat.

// The union of the identifiers as if they failed independently, at the likely values; spread as
// `past` deviated from it (the concentration with the highest likelihood).
PredictedRate PredictByNaiveUnion(const Assumptions& assumptions,
                                  std::span<const MatchObservation> past,
                                  const MatchObservation& observation);

// Each set by its own counts alone, Beta(x + 1/2, n - x + 1/2); a total is dealt out to its sets by
// their shares.
PredictedRate PredictBySetRates(const Assumptions& assumptions,
                                std::span<const MatchObservation> past,
                                const MatchObservation& observation);

}  // namespace snapledger::matchrate
