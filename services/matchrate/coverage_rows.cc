#include "services/matchrate/coverage_rows.h"

#include <bit>

namespace snapledger::matchrate {
namespace {

void AddByKind(uint16_t mask, int64_t count, CountsByKind* by_kind) {
  for (unsigned rest = mask; rest != 0; rest &= rest - 1) {
    // Bit 0 is kind 1; the last bit is no kind's.
    const int kind = std::countr_zero(rest) + 1;
    if (kind < static_cast<int>(by_kind->size())) (*by_kind)[static_cast<size_t>(kind)] += count;
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
