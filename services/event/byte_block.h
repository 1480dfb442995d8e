#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace snapledger::event {

// Eight bytes of a text, asked all at once: most text is plain, and is told to be so at an eighth
// of what looking at each byte takes.
class ByteBlock {
 public:
  static constexpr size_t kBytes = sizeof(uint64_t);

  // Of the eight bytes of `text` from `begin`, which must be there.
  ByteBlock(std::string_view text, size_t begin) {
    std::memcpy(&bytes_, text.data() + begin, sizeof(bytes_));
  }

  bool HasNonAscii() const { return (bytes_ & kHighBits) != 0; }
  // `limit` is at most 128.
  bool HasBelow(uint8_t limit) const {
    return ((bytes_ - kOnes * limit) & ~bytes_ & kHighBits) != 0;
  }
  bool Has(char c) const {
    const uint64_t difference = bytes_ ^ kOnes * static_cast<uint8_t>(c);
    return ((difference - kOnes) & ~difference & kHighBits) != 0;
  }

 private:
  static constexpr uint64_t kOnes = 0x0101010101010101;
  static constexpr uint64_t kHighBits = 0x8080808080808080;

  uint64_t bytes_ = 0;
};

// How much of the beginning of `text` consists of blocks of which `plain` is true.
template <typename Plain>
size_t PlainPrefix(std::string_view text, Plain plain) {
  size_t begin = 0;
  while (begin + ByteBlock::kBytes <= text.size() && plain(ByteBlock(text, begin))) {
    begin += ByteBlock::kBytes;
  }
  return begin;
}

}  // namespace snapledger::event
