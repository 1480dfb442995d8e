#include "services/matchrate/coverage_rows.h"

namespace snapledger::matchrate {
namespace {

constexpr int kKinds = 15;

void AddByKind(uint16_t mask, int64_t count, std::map<int, int64_t>* by_kind) {
  for (int kind = 1; kind <= kKinds; ++kind) {
    if ((mask & (1U << (kind - 1))) != 0) (*by_kind)[kind] += count;
  }
}

}  // namespace

void CoverageCounts::Add(uint16_t supplied_mask, uint16_t usable_mask, int64_t count) {
  events += count;
  AddByKind(supplied_mask, count, &supplied);
  AddByKind(usable_mask, count, &usable);
  usable_sets[usable_mask] += count;
}

}  // namespace snapledger::matchrate
