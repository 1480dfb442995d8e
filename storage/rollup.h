#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace snapledger::storage {

// What coverage is counted by, beside destination and hour.
struct RollupKey {
  int32_t name_label = 0;
  int32_t source_label = 0;
  int16_t action_source = 0;
  uint16_t supplied = 0;
  uint16_t usable = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): the zero of a defaulted comparison is taken for one
  auto operator<=>(const RollupKey&) const = default;

  // Of two words instead of five members: a question hashes a million keys.
  template <typename H>
  friend H AbslHashValue(H state, const RollupKey& key) {
    const uint64_t labels = uint64_t{static_cast<uint32_t>(key.name_label)} << 32 |
                            static_cast<uint32_t>(key.source_label);
    const uint64_t sets = uint64_t{static_cast<uint16_t>(key.action_source)} << 32 |
                          uint64_t{key.supplied} << 16 | key.usable;
    return H::combine(std::move(state), labels, sets);
  }
};

// Counts by key. A slice carries its own as packed bytes, so that coverage is exact at every moment
// without a counter row being written per event.
using Rollup = std::map<RollupKey, int64_t>;

// The same in no order: for what is added up from thousands of slices.
using RollupSums = absl::flat_hash_map<RollupKey, int64_t>;

// Counts to be added up: in no order, a key perhaps more than once.
using RollupCounts = std::vector<std::pair<RollupKey, int64_t>>;

// Little-endian, 17 bytes a key: i32 name, i32 source, u8 action source, u16 supplied, u16 usable,
// u32 count.
std::string PackRollup(const Rollup& rollup);
// Adds the packed counts. DATA_LOSS where the bytes are not a rollup.
absl::Status AddPackedRollup(std::string_view packed, Rollup* rollup);
absl::Status AddPackedRollup(std::string_view packed, RollupSums* sums);

// The counts of one name, source and action source by their sets of identifiers, as a counter row
// holds them: 12 bytes a set, u16 supplied, u16 usable, i64 count, as PostgreSQL's int2send and
// int8send write them.
std::string PackSets(absl::Span<const RollupCounts::value_type> counts);
// Appends the packed sets under `key`, whose own set is not looked at. DATA_LOSS where the bytes
// are no packed sets.
absl::Status AppendPackedSets(std::string_view packed, RollupKey key, RollupCounts* counts);

// Whether some key of it has one of the names and one of the sources; an empty list stands for any.
bool RollupHolds(std::string_view packed, absl::Span<const int32_t> name_labels,
                 absl::Span<const int32_t> source_labels);

}  // namespace snapledger::storage
