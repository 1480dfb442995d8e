#include "tests/chaos/fault_plan.h"

#include <algorithm>
#include <utility>

namespace snapledger::chaos {
namespace {

FaultRandom Seeded(uint64_t seed, uint64_t worker) {
  std::seed_seq sequence{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32),
                         static_cast<uint32_t>(worker)};
  return FaultRandom(sequence);
}

}  // namespace

FaultPlan::FaultPlan(std::vector<const FaultKind*> kinds, uint64_t seed, uint64_t worker)
    : kinds_(std::move(kinds)), random_(Seeded(seed, worker)) {}

FaultPlan::Step FaultPlan::Next() {
  if (bag_.empty()) {
    bag_ = kinds_;
    std::shuffle(bag_.begin(), bag_.end(), random_);
  }
  const FaultKind* const kind = bag_.back();
  bag_.pop_back();
  return {kind, FaultRandom(random_())};
}

}  // namespace snapledger::chaos
