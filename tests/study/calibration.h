#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/study/simulated_world.h"

namespace snapledger::study {

// How often the truth lay within the intervals of one kind of figure.
struct CoverageCount {
  int64_t figures = 0;
  int64_t within80 = 0;
  int64_t within95 = 0;

  void Add(const CoverageCount& other);
  double Share80() const { return static_cast<double>(within80) / static_cast<double>(figures); }
  double Share95() const { return static_cast<double>(within95) / static_cast<double>(figures); }
};

// What the estimate did in worlds of one kind.
struct KindResult {
  int64_t worlds = 0;
  int64_t refused = 0;
  CoverageCount rate;
  double width80 = 0;  // summed, of the rate's interval
  // Sums over the worlds not refused.
  double log_score = 0;
  double naive_union_log_score = 0;
  double set_rates_log_score = 0;

  void Add(const KindResult& other);
};

struct StudyResult {
  std::map<WorldKind, KindResult> kinds;
  // By figure: "rate", "rate of a set", "rate_when_present", "solo_rate", "contribution",
  // "gain of a change", "held-out count".
  std::map<std::string, CoverageCount> figures;
};

struct StudyOptions {
  uint64_t seed = 1;
  int worlds = 4000;  // numbers 0 to worlds - 1
  int draws = 2000;   // per estimate
  int threads = 1;
  double heterogeneity = 1;  // see MakeWorld
};
StudyResult RunStudy(const StudyOptions& options);

// What a study must show; margins in shares.
struct StudyBars {
  double margin80 = 0.04;
  double margin95 = 0.02;
  double refused_min = 0.95;         // of the unidentifiable worlds
  double refused_wrongly_max = 0.1;  // of the others
};

// The bars it missed, in words; empty: none. Every kind of figure is held to the margins.
std::vector<std::string> MissedBars(const StudyResult& result, const StudyBars& bars);

// For people.
std::string StudyTable(const StudyResult& result);

}  // namespace snapledger::study
