#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "services/matchrate/match_observation.h"
#include "services/matchrate/prior_model.h"

namespace snapledger::matchrate {

// Whether reported counts can tell the rates of the identifier sets apart. Totals over a mix that
// hardly changes cannot, however many events they count: any rate of one set then fits with some
// rate of another, and a figure would be the assumptions in disguise. Pure.

struct GateLimits {
  int64_t events_min = 200;
  // Of Belsley, Kuh and Welsch's scaled condition index; above 30 they call collinearity serious.
  double condition_max = 30;
  // Sets with a smaller share of the observed events are not asked for: they hardly count.
  double set_share_min = 0.02;
  // Of the scope's events, those whose set was observed at all.
  double observed_share_min = 0.5;
};

struct Identifiability {
  bool sufficient = false;
  // What is missing and what to import; empty where sufficient.
  std::string reason;
  int64_t events = 0;
  // 1: every set counted apart; infinite: some sets only together.
  double condition = 0;
  // The share of the scope's events with a set the observations cover.
  double observed_share = 0;
};

// `scope`: the shares that an estimate is wanted for. Events without a matching key are left out:
// their rate is 0 and known.
Identifiability CheckIdentifiability(const Assumptions& assumptions,
                                     std::span<const MatchObservation> observations,
                                     const SetShares& scope, const GateLimits& limits = {});

}  // namespace snapledger::matchrate
