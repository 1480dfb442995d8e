#pragma once

#include <vector>

#include "services/matchrate/posterior_sampler.h"
#include "services/matchrate/prior_model.h"

namespace snapledger::matchrate {

// What is unknown about a destination beside the sets themselves, as independent standard normals
// in this order: reach, the link rates by number of identifier, concentration. Reach and link rates
// are normal on the logit scale, their medians the likely values and nine tenths within the width
// of the assumed range. Pure, thread-safe.
class RateParameters {
 public:
  explicit RateParameters(const Assumptions& assumptions);

  size_t size() const { return keys_.size() + 2; }

  // One draw, in its own units.
  struct Values {
    double reach = 0;
    std::vector<double> link_rates;  // in the order of the assumptions
    // How many events the structure weighs as much as: theta_s is
    // Beta(concentration * mu_s, concentration * (1 - mu_s)). Median 100, nine of ten 19 to 518.
    double concentration = 0;
  };
  Values At(const Point& z) const;

  // mu_s: what the structure gives for a set of matching keys, kept off 0 and 1 by 1e-6.
  double Rate(const Values& values, event::IdentifierMask keys) const;

 private:
  struct Logit {
    double middle = 0;
    double spread = 0;
  };
  static Logit LogitOf(const AssumedShare& share);

  Logit reach_;
  std::vector<event::IdentifierMask> keys_;
  std::vector<Logit> link_rates_;
};

}  // namespace snapledger::matchrate
