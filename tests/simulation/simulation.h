#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "tests/simulation/planted_bug.h"

namespace snapledger::simulation {

struct Result {
  bool ok = false;
  std::set<std::string> broken;  // the invariants, by name
  std::string text;              // what was found, one line each
  int64_t events = 0;
  int64_t requests = 0;
  int64_t crashes = 0;
  absl::Duration virtual_time;
};

// One world from one seed: callers that record, two or three processes that dispatch and reap over
// one ledger, and a Snap, with faults of everything for a while, then quiet until all is settled.
// The dispatcher's own code runs; clock, ledger, Snap and randomness are the simulation's. The same
// seed and bug give the same result.
Result Simulate(uint64_t seed, PlantedBug bug);

}  // namespace snapledger::simulation
