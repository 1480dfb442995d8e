#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include "absl/time/time.h"

namespace snapledger::storage {

// PostgreSQL's binary form of values: big-endian numbers, times in microseconds since 2000.

// Type numbers of pg_type, fixed for ever.
inline constexpr uint32_t kBoolType = 16;
inline constexpr uint32_t kBytesType = 17;
inline constexpr uint32_t kInt8Type = 20;
inline constexpr uint32_t kInt2Type = 21;
inline constexpr uint32_t kInt4Type = 23;
inline constexpr uint32_t kTextType = 25;
inline constexpr uint32_t kFloat8Type = 701;
inline constexpr uint32_t kTimeType = 1184;
inline constexpr uint32_t kIntervalType = 1186;
inline constexpr uint32_t kUuidType = 2950;
inline constexpr uint32_t kBytesArrayType = 1001;
inline constexpr uint32_t kInt2ArrayType = 1005;
inline constexpr uint32_t kInt4ArrayType = 1007;
inline constexpr uint32_t kTextArrayType = 1009;
inline constexpr uint32_t kInt8ArrayType = 1016;
inline constexpr uint32_t kTimeArrayType = 1185;
inline constexpr uint32_t kUuidArrayType = 2951;

template <typename Number>
void AppendBigEndian(Number value, std::string* bytes) {
  auto rest = static_cast<std::make_unsigned_t<Number>>(value);
  char buffer[sizeof(Number)];
  for (int i = sizeof(Number) - 1; i >= 0; --i) {
    buffer[i] = static_cast<char>(rest & 0xFF);
    if constexpr (sizeof(Number) > 1) rest >>= 8;
  }
  bytes->append(buffer, sizeof(Number));
}

template <typename Number>
Number ReadBigEndian(const char* bytes) {
  std::make_unsigned_t<Number> value = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    value = static_cast<decltype(value)>((value << 8) | static_cast<unsigned char>(bytes[i]));
  }
  return static_cast<Number>(value);
}

inline absl::Time PostgresEpoch() { return absl::FromUnixSeconds(946'684'800); }

// Both infinities keep their meaning.
inline int64_t ToPostgresTime(absl::Time time) {
  if (time == absl::InfiniteFuture()) return INT64_MAX;
  if (time == absl::InfinitePast()) return INT64_MIN;
  return absl::ToInt64Microseconds(time - PostgresEpoch());
}

inline absl::Time FromPostgresTime(int64_t microseconds) {
  if (microseconds == INT64_MAX) return absl::InfiniteFuture();
  if (microseconds == INT64_MIN) return absl::InfinitePast();
  return PostgresEpoch() + absl::Microseconds(microseconds);
}

}  // namespace snapledger::storage
