#include "storage/result.h"

#include <libpq-fe.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "storage/sql_error.h"
#include "storage/wire_format.h"

namespace snapledger::storage {

Result::Result(PGresult* result) : result_(result) {}

void Result::Clear::operator()(PGresult* result) const { PQclear(result); }

int Result::row_count() const { return PQntuples(result_.get()); }

int64_t Result::affected_rows() const { return std::atoll(PQcmdTuples(result_.get())); }

bool Result::IsNull(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view Result::Bytes(int row, int column) const {
  if (row >= row_count() || IsNull(row, column)) {
    throw SqlError("XX000", absl::StrCat("no value in column ", column));
  }
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

std::string_view Result::Value(int row, int column, size_t size) const {
  const std::string_view bytes = Bytes(row, column);
  if (bytes.size() != size) {
    throw SqlError("XX000", absl::StrCat("column ", column, " has another type"));
  }
  return bytes;
}

bool Result::Bool(int row, int column) const { return Value(row, column, 1)[0] != 0; }
int16_t Result::Int2(int row, int column) const {
  return ReadBigEndian<int16_t>(Value(row, column, 2).data());
}
int32_t Result::Int4(int row, int column) const {
  return ReadBigEndian<int32_t>(Value(row, column, 4).data());
}
int64_t Result::Int8(int row, int column) const {
  return ReadBigEndian<int64_t>(Value(row, column, 8).data());
}
double Result::Float8(int row, int column) const {
  return std::bit_cast<double>(Int8(row, column));
}

Uuid Result::UuidValue(int row, int column) const {
  Uuid uuid{};
  const std::string_view bytes = Value(row, column, uuid.size());
  std::copy(bytes.begin(), bytes.end(), uuid.begin());
  return uuid;
}

absl::Time Result::Time(int row, int column) const { return FromPostgresTime(Int8(row, column)); }

std::optional<absl::Time> Result::OptionalTime(int row, int column) const {
  if (IsNull(row, column)) return std::nullopt;
  return Time(row, column);
}

std::optional<Uuid> Result::OptionalUuid(int row, int column) const {
  if (IsNull(row, column)) return std::nullopt;
  return UuidValue(row, column);
}

namespace {

// dimensions, null flag, element type, length, lower bound
constexpr size_t kArrayHeaderBytes = 20;

void ReadElement(std::string_view bytes, Uuid* element) {
  std::copy(bytes.begin(), bytes.end(), element->begin());
}

template <typename Number>
void ReadElement(std::string_view bytes, Number* element) {
  *element = ReadBigEndian<Number>(bytes.data());
}

}  // namespace

template <typename Element>
std::vector<Element> Result::Array(int row, int column) const {
  const std::string_view bytes = Bytes(row, column);
  std::vector<Element> elements;
  if (bytes.size() < kArrayHeaderBytes) return elements;  // an empty array has no dimension
  const auto length = ReadBigEndian<int32_t>(bytes.data() + 12);
  elements.resize(static_cast<size_t>(length));
  size_t at = kArrayHeaderBytes;
  for (Element& element : elements) {
    if (at + 4 > bytes.size()) throw SqlError("XX000", "an array is cut");
    const auto size = ReadBigEndian<int32_t>(bytes.data() + at);
    at += 4;
    if (size < 0) continue;
    if (size != sizeof(Element) || at + sizeof(Element) > bytes.size()) {
      throw SqlError("XX000", absl::StrCat("array column ", column, " has another type"));
    }
    ReadElement(bytes.substr(at, sizeof(Element)), &element);
    at += sizeof(Element);
  }
  return elements;
}

std::vector<int16_t> Result::Int2Array(int row, int column) const {
  return Array<int16_t>(row, column);
}
std::vector<int32_t> Result::Int4Array(int row, int column) const {
  return Array<int32_t>(row, column);
}
std::vector<int64_t> Result::Int8Array(int row, int column) const {
  return Array<int64_t>(row, column);
}
std::vector<Uuid> Result::UuidArray(int row, int column) const { return Array<Uuid>(row, column); }

}  // namespace snapledger::storage
