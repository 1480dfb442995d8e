#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/types.h"

namespace snapledger::storage {

// The values of one statement, in PostgreSQL's binary form. Values travel beside the statement,
// never inside its text.
class Parameters {
 public:
  Parameters& Bool(bool value);
  Parameters& Int2(int16_t value);
  Parameters& Int4(int32_t value);
  Parameters& Int8(int64_t value);
  Parameters& Float8(double value);
  Parameters& Text(std::string_view value);
  Parameters& Bytes(std::string_view value);
  Parameters& UuidValue(const Uuid& value);
  Parameters& Time(absl::Time value);
  Parameters& Interval(absl::Duration value);
  Parameters& OptionalInt2(std::optional<int16_t> value);
  Parameters& OptionalInt8(std::optional<int64_t> value);
  Parameters& OptionalTime(std::optional<absl::Time> value);
  Parameters& OptionalUuid(const std::optional<Uuid>& value);
  Parameters& Int2Array(absl::Span<const int16_t> values);
  Parameters& Int4Array(absl::Span<const int32_t> values);
  Parameters& Int8Array(absl::Span<const int64_t> values);
  Parameters& UuidArray(absl::Span<const Uuid> values);
  Parameters& OptionalUuidArray(absl::Span<const std::optional<Uuid>> values);
  Parameters& TimeArray(absl::Span<const absl::Time> values);
  Parameters& BytesArray(absl::Span<const std::string> values);
  Parameters& TextArray(absl::Span<const std::string> values);

  int count() const { return static_cast<int>(values_.size()); }
  const std::vector<uint32_t>& types() const { return types_; }
  // Valid until the next change.
  std::vector<const char*> pointers() const;
  std::vector<int> lengths() const;

 private:
  Parameters& Add(uint32_t type, std::string bytes);
  Parameters& AddNull(uint32_t type);

  std::vector<uint32_t> types_;
  std::vector<std::optional<std::string>> values_;
};

}  // namespace snapledger::storage
