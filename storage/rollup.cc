#include "storage/rollup.h"

#include <algorithm>

#include "storage/wire_format.h"

namespace snapledger::storage {
namespace {

constexpr size_t kPackedBytes = 4 + 4 + 1 + 2 + 2 + 4;
constexpr size_t kPackedSetBytes = 2 + 2 + 8;

template <typename Number>
void AppendLittleEndian(Number value, std::string* bytes) {
  for (size_t i = 0; i < sizeof(Number); ++i) {
    bytes->push_back(static_cast<char>((static_cast<uint64_t>(value) >> (8 * i)) & 0xFF));
  }
}

template <typename Number>
Number TakeLittleEndian(std::string_view* bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>((*bytes)[i])) << (8 * i);
  }
  bytes->remove_prefix(sizeof(Number));
  return static_cast<Number>(value);
}

struct PackedCount {
  RollupKey key;
  int64_t count = 0;
};

PackedCount TakeCount(std::string_view* packed) {
  PackedCount taken;
  taken.key.name_label = TakeLittleEndian<int32_t>(packed);
  taken.key.source_label = TakeLittleEndian<int32_t>(packed);
  taken.key.action_source = TakeLittleEndian<uint8_t>(packed);
  taken.key.supplied = TakeLittleEndian<uint16_t>(packed);
  taken.key.usable = TakeLittleEndian<uint16_t>(packed);
  taken.count = TakeLittleEndian<uint32_t>(packed);
  return taken;
}

template <typename Counts>
absl::Status AddPacked(std::string_view packed, int sign, Counts* counts) {
  if (packed.size() % kPackedBytes != 0) return absl::DataLossError("a rollup has a wrong length");
  while (!packed.empty()) {
    const PackedCount taken = TakeCount(&packed);
    (*counts)[taken.key] += sign * taken.count;
  }
  return absl::OkStatus();
}

bool HoldsOrAny(absl::Span<const int32_t> labels, int32_t label) {
  return labels.empty() || std::find(labels.begin(), labels.end(), label) != labels.end();
}

}  // namespace

std::string PackRollup(const Rollup& rollup) {
  std::string packed;
  packed.reserve(rollup.size() * kPackedBytes);
  for (const auto& [key, count] : rollup) {
    AppendLittleEndian<int32_t>(key.name_label, &packed);
    AppendLittleEndian<int32_t>(key.source_label, &packed);
    AppendLittleEndian<uint8_t>(static_cast<uint8_t>(key.action_source), &packed);
    AppendLittleEndian<uint16_t>(key.supplied, &packed);
    AppendLittleEndian<uint16_t>(key.usable, &packed);
    AppendLittleEndian<uint32_t>(static_cast<uint32_t>(count), &packed);
  }
  return packed;
}

absl::Status AddPackedRollup(std::string_view packed, int sign, Rollup* rollup) {
  return AddPacked(packed, sign, rollup);
}

absl::Status AddPackedRollup(std::string_view packed, RollupSums* sums) {
  return AddPacked(packed, 1, sums);
}

std::string PackSets(absl::Span<const RollupCounts::value_type> counts) {
  std::string packed;
  packed.reserve(counts.size() * kPackedSetBytes);
  for (const auto& [key, count] : counts) {
    AppendBigEndian<uint16_t>(key.supplied, &packed);
    AppendBigEndian<uint16_t>(key.usable, &packed);
    AppendBigEndian<int64_t>(count, &packed);
  }
  return packed;
}

absl::Status AppendPackedSets(std::string_view packed, RollupKey key, RollupCounts* counts) {
  if (packed.size() % kPackedSetBytes != 0) {
    return absl::DataLossError("packed sets have a wrong length");
  }
  for (; !packed.empty(); packed.remove_prefix(kPackedSetBytes)) {
    key.supplied = ReadBigEndian<uint16_t>(packed.data());
    key.usable = ReadBigEndian<uint16_t>(packed.data() + 2);
    counts->emplace_back(key, ReadBigEndian<int64_t>(packed.data() + 4));
  }
  return absl::OkStatus();
}

bool RollupHolds(std::string_view packed, absl::Span<const int32_t> name_labels,
                 absl::Span<const int32_t> source_labels) {
  if (name_labels.empty() && source_labels.empty()) return true;
  for (; packed.size() >= kPackedBytes; packed.remove_prefix(kPackedBytes)) {
    std::string_view key = packed;
    const auto name = TakeLittleEndian<int32_t>(&key);
    const auto source = TakeLittleEndian<int32_t>(&key);
    if (HoldsOrAny(name_labels, name) && HoldsOrAny(source_labels, source)) return true;
  }
  return false;
}

}  // namespace snapledger::storage
