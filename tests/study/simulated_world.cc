#include "tests/study/simulated_world.h"

#include <algorithm>
#include <cmath>

#include "services/matchrate/matching_keys.h"

namespace snapledger::study {
namespace {

using event::IdentifierKind;
using event::IdentifierMask;
using matchrate::AssumedShare;
using matchrate::MatchObservation;
using matchrate::RandomStream;
using matchrate::SetShares;

double LogitScale(double share) { return std::log(share / (1 - share)); }
double Logistic(double logit) { return 1 / (1 + std::exp(-logit)); }
double NormalBelow(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }

// What NormalBelow gives `p` for, by halving.
double NormalAt(double p) {
  double low = -9;
  double high = 9;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (NormalBelow(middle) < p ? low : high) = middle;
  }
  return low;
}

class WorldMaker {
 public:
  WorldMaker(uint64_t seed, uint64_t number, double heterogeneity)
      : random_(seed, number), heterogeneity_(heterogeneity) {
    constexpr WorldKind kKinds[] = {WorldKind::kSetCounts,    WorldKind::kSetCounts,
                                    WorldKind::kVariedTotals, WorldKind::kUnidentifiable,
                                    WorldKind::kBoth,         WorldKind::kSetCounts,
                                    WorldKind::kNothing,      WorldKind::kSetCounts,
                                    WorldKind::kVariedTotals, WorldKind::kUnidentifiable};
    world_.kind = kKinds[number % 10];
    variant_ = static_cast<int>(number / 10 % 4);
  }

  World Make() {
    MakeRates();
    MakeShares();
    switch (world_.kind) {
      case WorldKind::kSetCounts:
        ReportSets(0.7, 20, 3000);
        break;
      case WorldKind::kVariedTotals:
        ReportTotals(Whole(2, 5) * SetCount(), 500, 5000, /*evenness=*/8);
        break;
      case WorldKind::kBoth:
        ReportSets(0.5, 20, 1000);
        ReportTotals(Whole(1, 3) * SetCount(), 500, 5000, /*evenness=*/8);
        break;
      case WorldKind::kNothing:
        break;
      case WorldKind::kUnidentifiable:
        ReportTooLittle();
        break;
    }
    HoldOut();
    return std::move(world_);
  }

 private:
  double Between(double low, double high) { return low + (high - low) * random_.NextUniform(); }
  int Whole(int low, int high) {
    return low + static_cast<int>(random_.NextUniform() * (high - low + 1));
  }
  int SetCount() const { return static_cast<int>(world_.shares.size()); }

  // On a triangle over 1.462 times the range, which leaves a tenth outside of it.
  double Drawn(const AssumedShare& assumed) {
    const double likely = LogitScale(assumed.likely);
    const double place = 1 - std::sqrt(random_.NextUniform());
    const double end = random_.NextUniform() < 0.5 ? assumed.low : assumed.high;
    return Logistic(likely + 1.462 * place * (LogitScale(end) - likely));
  }

  void MakeRates() {
    const matchrate::Assumptions defaults = matchrate::DefaultAssumptions();
    world_.assumptions.reach = defaults.reach;
    const int wanted = Whole(2, 4);
    std::vector<IdentifierKind> keys(matchrate::MatchingKeys().begin(),
                                     matchrate::MatchingKeys().end());
    std::vector<double> thresholds;
    while (static_cast<int>(thresholds.size()) < wanted) {
      const auto at = keys.begin() + Whole(0, static_cast<int>(keys.size()) - 1);
      world_.assumptions.link_rates[*at] = defaults.link_rates.at(*at);
      keys.erase(at);
      thresholds.push_back(0);
    }
    const double reach = Drawn(world_.assumptions.reach);
    size_t i = 0;
    for (const auto& [kind, assumed] : world_.assumptions.link_rates) {
      bits_.push_back(event::MaskOf(kind));
      thresholds[i++] = NormalAt(Drawn(assumed));
    }
    const double loading = Between(0, std::min(0.95, 0.7 * heterogeneity_));
    const double deviation = Between(0, 0.4 * heterogeneity_);
    for (uint32_t part = 0; part < (1U << bits_.size()); ++part) {
      const double logit = LogitScale(reach) + deviation * random_.NextNormal();
      const double linked = LinkedRate(part, thresholds, loading);
      world_.rates[MaskOfPart(part)] = part == 0 ? 0 : Logistic(logit) * linked;
    }
  }

  IdentifierMask MaskOfPart(uint32_t part) const {
    IdentifierMask mask = 0;
    for (size_t i = 0; i < bits_.size(); ++i) {
      if ((part >> i & 1U) != 0) mask = static_cast<IdentifierMask>(mask | bits_[i]);
    }
    return mask;
  }

  // That any key of `part` links, over the factor the keys share.
  static double LinkedRate(uint32_t part, const std::vector<double>& thresholds, double loading) {
    double linked = 0;
    double weight = 0;
    for (double factor = -4; factor <= 4; factor += 0.1) {
      double unlinked = 1;
      for (size_t i = 0; i < thresholds.size(); ++i) {
        if ((part >> i & 1U) == 0) continue;
        unlinked *=
            1 - NormalBelow((thresholds[i] + loading * factor) / std::sqrt(1 - loading * loading));
      }
      const double density = std::exp(-factor * factor / 2);
      linked += density * (1 - unlinked);
      weight += density;
    }
    return linked / weight;
  }

  void MakeShares() {
    std::vector<double> coverages;
    for (size_t i = 0; i < bits_.size(); ++i) coverages.push_back(Between(0.1, 0.95));
    double sum = 0;
    for (uint32_t part = 0; part < (1U << bits_.size()); ++part) {
      double share = std::exp(0.5 * random_.NextNormal());
      for (size_t i = 0; i < bits_.size(); ++i) {
        share *= (part >> i & 1U) != 0 ? coverages[i] : 1 - coverages[i];
      }
      world_.shares[MaskOfPart(part)] = share;
      sum += share;
    }
    for (auto& [set, share] : world_.shares) share /= sum;
  }

  int64_t Matches(IdentifierMask set, int64_t events) {
    int64_t matches = 0;
    for (int64_t i = 0; i < events; ++i) {
      if (random_.NextUniform() < world_.rates.at(set)) ++matches;
    }
    return matches;
  }

  // The most frequent set is always reported.
  void ReportSets(double reported, double events_min, double events_max) {
    double most = 0;
    for (const auto& [set, share] : world_.shares) most = std::max(most, set == 0 ? 0 : share);
    for (const auto& [set, share] : world_.shares) {
      const double ratio = std::log(events_max / events_min);
      const auto events =
          static_cast<int64_t>(events_min * std::exp(ratio * random_.NextUniform()));
      const bool kept = random_.NextUniform() < reported || share == most;
      if (set == 0 || !kept) continue;
      world_.observations.push_back(
          {.shares = {{set, 1}}, .matches = Matches(set, events), .events = events});
    }
  }

  // Totals over mixes around the shares; the higher `evenness`, the more alike the mixes.
  void ReportTotals(int count, int events_min, int events_max, double evenness) {
    for (int i = 0; i < count; ++i) {
      SetShares mix;
      double sum = 0;
      for (const auto& [set, share] : world_.shares) {
        sum += mix[set] = random_.NextGamma(evenness * share + 0.02);
      }
      for (auto& [set, share] : mix) share /= sum;
      ReportMix(mix, Whole(events_min, events_max));
    }
  }

  void ReportMix(const SetShares& mix, int events_wanted) {
    MatchObservation total;
    std::map<IdentifierMask, int64_t> events;
    for (const auto& [set, share] : mix) {
      events[set] = std::llround(share * events_wanted);
      total.events += events[set];
      total.matches += Matches(set, events[set]);
    }
    for (const auto& [set, count] : events) {
      total.shares[set] = static_cast<double>(count) / static_cast<double>(total.events);
    }
    world_.observations.push_back(std::move(total));
  }

  void ReportTooLittle() {
    switch (variant_) {
      case 0:  // days of one mix, which differ by chance alone
        ReportTotals(60, 3000, 5000, /*evenness=*/20000);
        break;
      case 1:  // fewer totals than sets
        ReportTotals(std::max(1, SetCount() / 3), 500, 5000, /*evenness=*/8);
        break;
      case 2:
        ReportPairs();
        break;
      default:  // a handful of events of each set
        for (const auto& [set, share] : world_.shares) {
          const int64_t events = Whole(1, 10);
          if (set == 0) continue;
          world_.observations.push_back(
              {.shares = {{set, 1}}, .matches = Matches(set, events), .events = events});
        }
    }
  }

  // Mixes that differ, but in which the two most frequent sets always come as two to one.
  void ReportPairs() {
    std::vector<std::pair<double, IdentifierMask>> by_share;
    for (const auto& [set, share] : world_.shares) {
      if (set != 0) by_share.emplace_back(share, set);
    }
    std::sort(by_share.rbegin(), by_share.rend());
    for (int i = 0; i < 60; ++i) {
      SetShares mix;
      double sum = 0;
      for (const auto& [set, share] : world_.shares) {
        mix[set] = random_.NextGamma(8 * share + 0.02);
        if (set != by_share[1].second) sum += mix[set];
      }
      mix[by_share[1].second] = mix[by_share[0].second] / 2;
      sum += mix[by_share[1].second];
      for (auto& [set, share] : mix) share /= sum;
      ReportMix(mix, Whole(2000, 5000));
    }
  }

  void HoldOut() {
    double left = random_.NextUniform() * (1 - world_.shares.at(0));
    IdentifierMask chosen = 0;
    for (const auto& [set, share] : world_.shares) {
      if (set == 0) continue;
      chosen = set;
      left -= share;
      if (left < 0) break;
    }
    world_.held_out = {.shares = {{chosen, 1}}, .matches = Matches(chosen, 500), .events = 500};
  }

  RandomStream random_;
  double heterogeneity_;
  int variant_ = 0;
  World world_;
  std::vector<IdentifierMask> bits_;
};

}  // namespace

World MakeWorld(uint64_t seed, uint64_t number, double heterogeneity) {
  return WorldMaker(seed, number, heterogeneity).Make();
}

}  // namespace snapledger::study
