#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace snapledger::matchrate {

// Appends seven bits a byte, the lowest first; every byte but the last has its highest bit set.
inline void AppendVarint(uint64_t number, std::string* bytes) {
  for (; number >= 0x80; number >>= 7) {
    bytes->push_back(static_cast<char>((number & 0x7F) | 0x80));
  }
  bytes->push_back(static_cast<char>(number));
}

// Takes one from the front of `bytes`; nullopt where they end too early or it is above 64 bits.
inline std::optional<uint64_t> TakeVarint(std::string_view* bytes) {
  uint64_t number = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (bytes->empty()) return std::nullopt;
    const auto byte = static_cast<uint8_t>(bytes->front());
    bytes->remove_prefix(1);
    if (shift == 63 && byte > 1) return std::nullopt;
    number |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

}  // namespace snapledger::matchrate
