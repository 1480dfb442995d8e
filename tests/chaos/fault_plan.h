#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/chaos/fault.h"

namespace snapledger::chaos {

// Who inflicts faults: each one after the other, all of one place, in an order by seed in which
// every kind comes once before any comes again.
class FaultPlan {
 public:
  // `kinds` that can be inflicted, of one place, at least one; the worker is a number of its own in
  // the run.
  FaultPlan(std::vector<const FaultKind*> kinds, uint64_t seed, uint64_t worker);

  struct Step {
    const FaultKind* kind = nullptr;
    FaultRandom random;  // for its particulars
  };
  Step Next();

 private:
  const std::vector<const FaultKind*> kinds_;
  FaultRandom random_;
  std::vector<const FaultKind*> bag_;
};

}  // namespace snapledger::chaos
