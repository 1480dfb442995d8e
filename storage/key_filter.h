#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "storage/types.h"

namespace snapledger::storage {

// Which event keys a closed identity partition may hold: a Bloom filter in blocks of a cache line.
// It says yes for every key that was added, and where it has room for them for about one in seven
// thousand others. 2.75 MB for a million keys. A copy shares its bits: what is added to it is added
// to this one. Const members may be called by several threads at once.
class KeyFilter {
 public:
  // Of what bytes() gives and HashOf computes; another number for every change of them.
  static constexpr int16_t kFormat = 2;

  // A key as every filter looks for it: to be computed once for many filters.
  struct Hash {
    uint64_t block = 0;
    uint64_t bits = 0;
  };
  static Hash HashOf(int32_t shard, const Uuid& event_key);
  // The one with this `block`, for who keeps many: it tells the rest.
  static Hash HashWith(uint64_t block);

  // An empty filter with room for `key_count` keys.
  explicit KeyFilter(int64_t key_count);
  // Of what bytes() gave, which lies in `place` from now on. nullopt: no filter has so many bytes.
  static std::optional<KeyFilter> FromBytes(std::shared_ptr<std::byte> place, size_t byte_count);

  void Add(Hash hash);

  // What was added to this one, in a filter with room for `key_count` keys, or as much as this one
  // has where that is less: neighbouring blocks are laid together, as many as divide their number.
  // So the result may have up to twice the room it needs, less where this one's number of blocks
  // has many divisors. A copy where nothing is to be gained.
  KeyFilter WithRoomFor(int64_t key_count) const;

  // Has the processor fetch what MayHold will read, from memory that is rarely in a cache.
  void Prefetch(Hash hash) const { __builtin_prefetch(&blocks_[IndexOf(hash)]); }
  bool MayHold(Hash hash) const {
    const Block& block = blocks_[IndexOf(hash)];
    // Without branches, so that the memory several keys need is fetched at once.
    unsigned held = 1;
    for (int i = 0; i < kBitsPerKey; ++i) {
      const unsigned bit = BitOf(hash, i);
      held &= static_cast<unsigned>(block.bytes[bit / 8]) >> (bit % 8);
    }
    return held != 0;
  }

  // Valid while this filter, or a copy of it, is.
  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(blocks_.get()), byte_count()};
  }
  size_t byte_count() const { return block_count_ * sizeof(Block); }

 private:
  static constexpr int kBitsPerKey = 7;
  static constexpr unsigned kBitsPerBlock = 512;
  struct alignas(kBitsPerBlock / 8) Block {
    std::array<uint8_t, kBitsPerBlock / 8> bytes{};
  };

  static size_t BlocksFor(int64_t key_count);
  static unsigned BitOf(Hash hash, int number) {
    return static_cast<unsigned>(hash.bits >> (9 * number)) % kBitsPerBlock;
  }
  size_t IndexOf(Hash hash) const {
    return static_cast<size_t>((static_cast<unsigned __int128>(hash.block) * block_count_) >> 64);
  }

  KeyFilter(std::shared_ptr<Block[]> blocks, size_t block_count)
      : blocks_(std::move(blocks)), block_count_(block_count) {}

  std::shared_ptr<Block[]> blocks_;
  size_t block_count_;
};

}  // namespace snapledger::storage
