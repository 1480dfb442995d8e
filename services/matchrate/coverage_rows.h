#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"

namespace snapledger::matchrate {

// By number of snapledger.v1.IdentifierKind; 0 is no kind.
using CountsByKind = std::array<int64_t, 16>;

// The coverage of one group of events, as counts. Pure.
struct CoverageCounts {
  int64_t events = 0;
  CountsByKind supplied{};
  CountsByKind usable{};
  absl::btree_map<uint16_t, int64_t> usable_sets;  // by exact mask

  void Add(uint16_t supplied_mask, uint16_t usable_mask, int64_t count);
};

// Which group an event counts in; what is not grouped by stays at its default.
struct CoverageGroup {
  std::string event_name;
  std::string source;
  int action_source = 0;
  absl::Time period_start = absl::InfinitePast();

  bool operator<(const CoverageGroup& other) const {
    return std::tie(event_name, source, action_source, period_start) <
           std::tie(other.event_name, other.source, other.action_source, other.period_start);
  }
};

using CoverageGroups = std::map<CoverageGroup, CoverageCounts>;

}  // namespace snapledger::matchrate
