#include "storage/rollup.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "storage/wire_format.h"

namespace snapledger::storage {
namespace {

constexpr size_t kPackedBytes = 4 + 4 + 1 + 2 + 2 + 4;
constexpr size_t kPackedSetBytes = 2 + 2 + 8;

static_assert(std::endian::native == std::endian::little, "stored forms are little-endian");

template <typename Number>
void AppendLittleEndian(Number value, std::string* bytes) {
  char buffer[sizeof(Number)];
  std::memcpy(buffer, &value, sizeof(Number));
  bytes->append(buffer, sizeof(Number));
}

template <typename Number>
Number ReadLittleEndian(const char* bytes) {
  Number value;
  std::memcpy(&value, bytes, sizeof(Number));
  return value;
}

template <typename Counts>
absl::Status AddPacked(std::string_view packed, Counts* counts) {
  if (packed.size() % kPackedBytes != 0) return absl::DataLossError("a rollup has a wrong length");
  for (; !packed.empty(); packed.remove_prefix(kPackedBytes)) {
    const char* const bytes = packed.data();
    const RollupKey key = {.name_label = ReadLittleEndian<int32_t>(bytes),
                           .source_label = ReadLittleEndian<int32_t>(bytes + 4),
                           .action_source = ReadLittleEndian<uint8_t>(bytes + 8),
                           .supplied = ReadLittleEndian<uint16_t>(bytes + 9),
                           .usable = ReadLittleEndian<uint16_t>(bytes + 11)};
    (*counts)[key] += ReadLittleEndian<uint32_t>(bytes + 13);
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

absl::Status AddPackedRollup(std::string_view packed, Rollup* rollup) {
  return AddPacked(packed, rollup);
}

absl::Status AddPackedRollup(std::string_view packed, RollupSums* sums) {
  return AddPacked(packed, sums);
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
    const auto name = ReadLittleEndian<int32_t>(packed.data());
    const auto source = ReadLittleEndian<int32_t>(packed.data() + 4);
    if (HoldsOrAny(name_labels, name) && HoldsOrAny(source_labels, source)) return true;
  }
  return false;
}

}  // namespace snapledger::storage
