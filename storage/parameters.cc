#include "storage/parameters.h"

#include <bit>
#include <cstring>
#include <utility>

#include "storage/wire_format.h"

namespace snapledger::storage {
namespace {

// An array's header, then what `append` adds per element: its length and bytes.
template <typename Values, typename Append>
std::string MakeArray(uint32_t element_type, const Values& values, Append append) {
  std::string bytes;
  AppendBigEndian<int32_t>(1, &bytes);  // dimensions
  AppendBigEndian<int32_t>(1, &bytes);  // may hold nulls
  AppendBigEndian<uint32_t>(element_type, &bytes);
  AppendBigEndian<int32_t>(static_cast<int32_t>(values.size()), &bytes);
  AppendBigEndian<int32_t>(1, &bytes);  // lower bound
  for (const auto& value : values) append(value, &bytes);
  return bytes;
}

template <typename Number>
std::string MakeNumberArray(uint32_t element_type, absl::Span<const Number> values) {
  return MakeArray(element_type, values, [](Number value, std::string* bytes) {
    AppendBigEndian<int32_t>(sizeof(Number), bytes);
    AppendBigEndian<Number>(value, bytes);
  });
}

void AppendSized(std::string_view value, std::string* bytes) {
  AppendBigEndian<int32_t>(static_cast<int32_t>(value.size()), bytes);
  bytes->append(value);
}

std::string_view UuidBytes(const Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.data()), uuid.size()};
}

template <typename Number>
std::string NumberBytes(Number value) {
  std::string bytes;
  AppendBigEndian<Number>(value, &bytes);
  return bytes;
}

}  // namespace

Parameters& Parameters::Add(uint32_t type, std::string bytes) {
  types_.push_back(type);
  values_.push_back(std::move(bytes));
  return *this;
}

Parameters& Parameters::AddNull(uint32_t type) {
  types_.push_back(type);
  values_.push_back(std::nullopt);
  return *this;
}

Parameters& Parameters::Bool(bool value) {
  return Add(kBoolType, std::string(1, static_cast<char>(value)));
}
Parameters& Parameters::Int2(int16_t value) { return Add(kInt2Type, NumberBytes(value)); }
Parameters& Parameters::Int4(int32_t value) { return Add(kInt4Type, NumberBytes(value)); }
Parameters& Parameters::Int8(int64_t value) { return Add(kInt8Type, NumberBytes(value)); }
Parameters& Parameters::Float8(double value) {
  return Add(kFloat8Type, NumberBytes(std::bit_cast<int64_t>(value)));
}
Parameters& Parameters::Text(std::string_view value) { return Add(kTextType, std::string(value)); }
Parameters& Parameters::Bytes(std::string_view value) {
  return Add(kBytesType, std::string(value));
}
Parameters& Parameters::UuidValue(const Uuid& value) {
  return Add(kUuidType, std::string(UuidBytes(value)));
}
Parameters& Parameters::Time(absl::Time value) {
  return Add(kTimeType, NumberBytes(ToPostgresTime(value)));
}

Parameters& Parameters::Interval(absl::Duration value) {
  std::string bytes;
  AppendBigEndian<int64_t>(absl::ToInt64Microseconds(value), &bytes);
  AppendBigEndian<int32_t>(0, &bytes);  // days
  AppendBigEndian<int32_t>(0, &bytes);  // months
  return Add(kIntervalType, std::move(bytes));
}

Parameters& Parameters::OptionalInt2(std::optional<int16_t> value) {
  return value.has_value() ? Int2(*value) : AddNull(kInt2Type);
}

Parameters& Parameters::OptionalInt8(std::optional<int64_t> value) {
  return value.has_value() ? Int8(*value) : AddNull(kInt8Type);
}

Parameters& Parameters::OptionalTime(std::optional<absl::Time> value) {
  return value.has_value() ? Time(*value) : AddNull(kTimeType);
}

Parameters& Parameters::OptionalUuid(const std::optional<Uuid>& value) {
  return value.has_value() ? UuidValue(*value) : AddNull(kUuidType);
}

Parameters& Parameters::Int2Array(absl::Span<const int16_t> values) {
  return Add(kInt2ArrayType, MakeNumberArray(kInt2Type, values));
}
Parameters& Parameters::Int4Array(absl::Span<const int32_t> values) {
  return Add(kInt4ArrayType, MakeNumberArray(kInt4Type, values));
}
Parameters& Parameters::Int8Array(absl::Span<const int64_t> values) {
  return Add(kInt8ArrayType, MakeNumberArray(kInt8Type, values));
}

Parameters& Parameters::UuidArray(absl::Span<const Uuid> values) {
  return Add(kUuidArrayType,
             MakeArray(kUuidType, values, [](const Uuid& value, std::string* bytes) {
               AppendSized(UuidBytes(value), bytes);
             }));
}

Parameters& Parameters::OptionalUuidArray(absl::Span<const std::optional<Uuid>> values) {
  return Add(kUuidArrayType,
             MakeArray(kUuidType, values, [](const std::optional<Uuid>& value, std::string* bytes) {
               if (value.has_value()) {
                 AppendSized(UuidBytes(*value), bytes);
               } else {
                 AppendBigEndian<int32_t>(-1, bytes);
               }
             }));
}

Parameters& Parameters::TimeArray(absl::Span<const absl::Time> values) {
  return Add(kTimeArrayType, MakeArray(kTimeType, values, [](absl::Time value, std::string* bytes) {
               AppendBigEndian<int32_t>(8, bytes);
               AppendBigEndian<int64_t>(ToPostgresTime(value), bytes);
             }));
}

Parameters& Parameters::BytesArray(absl::Span<const std::string> values) {
  return Add(kBytesArrayType, MakeArray(kBytesType, values, AppendSized));
}

Parameters& Parameters::TextArray(absl::Span<const std::string> values) {
  return Add(kTextArrayType, MakeArray(kTextType, values, AppendSized));
}

std::vector<const char*> Parameters::pointers() const {
  std::vector<const char*> pointers;
  pointers.reserve(values_.size());
  for (const auto& value : values_) pointers.push_back(value.has_value() ? value->data() : nullptr);
  return pointers;
}

std::vector<int> Parameters::lengths() const {
  std::vector<int> lengths;
  lengths.reserve(values_.size());
  for (const auto& value : values_) {
    lengths.push_back(value.has_value() ? static_cast<int>(value->size()) : 0);
  }
  return lengths;
}

}  // namespace snapledger::storage
