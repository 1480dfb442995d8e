#include "services/matchrate/rate_parameters.h"

#include <algorithm>
#include <cmath>

namespace snapledger::matchrate {
namespace {

// Between the 5 % and the 95 % point of a normal distribution, in standard deviations.
constexpr double kNineTenthsWidth = 2 * 1.6448536269514722;
constexpr double kLogConcentrationMiddle = 4.605170185988092;  // log 100
constexpr double kLogConcentrationSpread = 1;
// In spreads. Beyond, sets are alike or unlike for all purposes, and the likelihood would be the
// difference of numbers too large to subtract.
constexpr double kLogConcentrationReach = 6;
constexpr double kRateMin = 1e-6;

double LogitScale(double share) { return std::log(share / (1 - share)); }
double Logistic(double logit) { return 1 / (1 + std::exp(-logit)); }

}  // namespace

RateParameters::Logit RateParameters::LogitOf(const AssumedShare& share) {
  return {.middle = LogitScale(share.likely),
          .spread = (LogitScale(share.high) - LogitScale(share.low)) / kNineTenthsWidth};
}

RateParameters::RateParameters(const Assumptions& assumptions)
    : reach_(LogitOf(assumptions.reach)) {
  for (const auto& [kind, share] : assumptions.link_rates) {
    keys_.push_back(event::MaskOf(kind));
    link_rates_.push_back(LogitOf(share));
  }
}

RateParameters::Values RateParameters::At(const Point& z) const {
  Values values{.reach = Logistic(reach_.middle + reach_.spread * z.front()),
                .link_rates = std::vector<double>(keys_.size()),
                .concentration =
                    std::exp(kLogConcentrationMiddle +
                             kLogConcentrationSpread * std::clamp(z.back(), -kLogConcentrationReach,
                                                                  kLogConcentrationReach))};
  for (size_t i = 0; i < keys_.size(); ++i) {
    values.link_rates[i] = Logistic(link_rates_[i].middle + link_rates_[i].spread * z[i + 1]);
  }
  return values;
}

double RateParameters::Rate(const Values& values, event::IdentifierMask keys) const {
  double unlinked = 1;
  for (size_t i = 0; i < keys_.size(); ++i) {
    if ((keys & keys_[i]) != 0) unlinked *= 1 - values.link_rates[i];
  }
  return std::clamp(values.reach * (1 - unlinked), kRateMin, 1 - kRateMin);
}

}  // namespace snapledger::matchrate
