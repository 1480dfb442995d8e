#include "storage/key_filter.h"

#include <algorithm>

namespace snapledger::storage {
namespace {

// Of seven bits in blocks of 512: about one false yes in seven thousand.
constexpr double kFilterBitsPerKey = 22;

constexpr uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;  // of 2^64

uint64_t LittleEndian(const uint8_t* bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | bytes[i];
  return value;
}

// The finisher of SplitMix64: every bit of the result depends on every bit of the value.
uint64_t Mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

KeyFilter::Hash KeyFilter::HashOf(int32_t shard, const Uuid& event_key) {
  // One event id may be known in many shards: to each it is a key of its own.
  const uint64_t salt = Mix(static_cast<uint32_t>(shard) + kGoldenRatio);
  return HashWith(
      Mix(Mix(LittleEndian(event_key.data()) ^ salt) + LittleEndian(event_key.data() + 8)));
}

KeyFilter::Hash KeyFilter::HashWith(uint64_t block) {
  return {.block = block, .bits = Mix(block + kGoldenRatio)};
}

size_t KeyFilter::BlocksFor(int64_t key_count) {
  return 1 +
         static_cast<size_t>(static_cast<double>(key_count) * kFilterBitsPerKey / kBitsPerBlock);
}

KeyFilter::KeyFilter(int64_t key_count)
    : blocks_(new Block[BlocksFor(key_count)]), block_count_(BlocksFor(key_count)) {}

std::optional<KeyFilter> KeyFilter::FromBytes(std::shared_ptr<std::byte> place, size_t byte_count) {
  if (byte_count == 0 || byte_count % sizeof(Block) != 0) return std::nullopt;
  auto* const blocks = reinterpret_cast<Block*>(place.get());
  return KeyFilter(std::shared_ptr<Block[]>(std::move(place), blocks), byte_count / sizeof(Block));
}

// Block i of a filter with a k-th of the blocks is where keys of the blocks from i * k to before
// (i + 1) * k would be, since IndexOf scales: the floor of a quotient's k-th is the k-th's floor.
KeyFilter KeyFilter::WithRoomFor(int64_t key_count) const {
  size_t together = std::max(size_t{1}, block_count_ / BlocksFor(key_count));
  while (block_count_ % together != 0) --together;
  if (together == 1) return *this;
  const size_t block_count = block_count_ / together;
  KeyFilter smaller(std::shared_ptr<Block[]>(new Block[block_count]), block_count);
  for (size_t from = 0; from < block_count_; ++from) {
    Block& to = smaller.blocks_[from / together];
    for (size_t i = 0; i < to.bytes.size(); ++i) to.bytes[i] |= blocks_[from].bytes[i];
  }
  return smaller;
}

void KeyFilter::Add(Hash hash) {
  Block& block = blocks_[IndexOf(hash)];
  for (int i = 0; i < kBitsPerKey; ++i) {
    const unsigned bit = BitOf(hash, i);
    block.bytes[bit / 8] = static_cast<uint8_t>(block.bytes[bit / 8] | 1U << (bit % 8));
  }
}

}  // namespace snapledger::storage
