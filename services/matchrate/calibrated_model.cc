#include "services/matchrate/calibrated_model.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "services/matchrate/observed_sets.h"
#include "services/matchrate/posterior_sampler.h"
#include "services/matchrate/random_stream.h"

namespace snapledger::matchrate {
namespace {

using event::IdentifierMask;

constexpr int kDrawsMin = 100;

// Streams of one seed: 0 is the sampler's, sets have their mask's number.
constexpr uint64_t kParameterStream = 1ULL << 32;
constexpr uint64_t kObservedStream = kParameterStream + 1;

absl::Status CheckObservation(const MatchObservation& observation) {
  if (observation.events < 1) {
    return absl::InvalidArgumentError("an observation of no events; leave it out");
  }
  if (observation.matches < 0 || observation.matches > observation.events) {
    return absl::InvalidArgumentError(
        "an observation with more matches than events, or fewer than none");
  }
  double sum = 0;
  for (const auto& [set, share] : observation.shares) {
    if (!(share >= 0)) return absl::InvalidArgumentError("an observation with a negative share");
    sum += share;
  }
  if (!(std::fabs(sum - 1) < 1e-6)) {
    return absl::InvalidArgumentError("an observation whose shares of sets do not sum to 1");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CalibratedModel> CalibratedModel::Fit(Assumptions assumptions,
                                                     std::span<const MatchObservation> observations,
                                                     const FitOptions& options) {
  if (absl::Status status = CheckAssumptions(assumptions); !status.ok()) return status;
  for (const MatchObservation& observation : observations) {
    if (absl::Status status = CheckObservation(observation); !status.ok()) return status;
  }
  if (options.draws < kDrawsMin) {
    return absl::InvalidArgumentError("fewer than 100 draws give no interval");
  }
  CalibratedModel model(std::move(assumptions), options);
  if (observations.empty()) {
    model.DrawParameters();
  } else {
    model.DrawPosterior(observations);
  }
  return model;
}

void CalibratedModel::DrawParameters() {
  RandomStream random(options_.seed, kParameterStream);
  Point z(parameters_.size(), 0);
  concentration_ = parameters_.At(z).concentration;
  for (int i = 0; i < options_.draws; ++i) {
    for (double& coordinate : z) coordinate = random.NextNormal();
    values_.push_back(parameters_.At(z));
  }
}

void CalibratedModel::DrawPosterior(std::span<const MatchObservation> observations) {
  calibrated_ = true;
  const ObservedSets observed(assumptions_, observations);
  const PosteriorDraws posterior = SamplePosterior(
      parameters_.size(),
      [&](const Point& z) { return observed.LogLikelihood(parameters_, parameters_.At(z)); },
      options_.seed, options_.draws);
  concentration_ = parameters_.At(posterior.peak).concentration;
  RandomStream random(options_.seed, kObservedStream);
  for (const Point& z : posterior.draws) {
    values_.push_back(parameters_.At(z));
    const std::vector<double> rates = observed.DrawRates(parameters_, values_.back(), &random);
    for (size_t i = 0; i < rates.size(); ++i) observed_[observed.sets()[i]].push_back(rates[i]);
  }
}

std::vector<double> CalibratedModel::Draws(IdentifierMask set) const {
  const IdentifierMask keys = KeysOf(assumptions_, set);
  if (keys == 0) return std::vector<double>(values_.size(), 0);
  if (const auto found = observed_.find(keys); found != observed_.end()) return found->second;
  RandomStream random(options_.seed, keys);
  std::vector<double> draws;
  draws.reserve(values_.size());
  for (const RateParameters::Values& values : values_) {
    const double rate = parameters_.Rate(values, keys);
    draws.push_back(
        random.NextBeta(values.concentration * rate, values.concentration * (1 - rate)));
  }
  return draws;
}

double CalibratedModel::Rate(IdentifierMask set) const {
  if (!calibrated_) return PriorOf(assumptions_, KeysOf(assumptions_, set)).rate;
  const std::vector<double> draws = Draws(set);
  return std::accumulate(draws.begin(), draws.end(), 0.0) / static_cast<double>(draws.size());
}

}  // namespace snapledger::matchrate
