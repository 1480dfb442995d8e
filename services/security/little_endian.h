#pragma once

#include <bit>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace snapledger::security {

static_assert(std::endian::native == std::endian::little, "stored forms are little-endian");

// Writes `value` at `to` and returns the place behind it.
template <typename Integer>
char* StoreLittleEndian(Integer value, char* to) {
  static_assert(std::is_integral_v<Integer>);
  std::memcpy(to, &value, sizeof(value));
  return to + sizeof(value);
}

// Reads an integer at `offset`; the caller has checked that it lies inside `bytes`.
template <typename Integer>
Integer LoadLittleEndian(std::string_view bytes, size_t offset) {
  static_assert(std::is_integral_v<Integer>);
  Integer value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

}  // namespace snapledger::security
