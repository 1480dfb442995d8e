#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "storage/types.h"

using PGresult = struct pg_result;

namespace snapledger::storage {

// The rows a statement gave, in binary form. A getter must match the column's type; asking for the
// wrong one, or for a null without Optional, throws SqlError: it is a fault of the statement.
class Result {
 public:
  explicit Result(PGresult* result);

  int row_count() const;
  // Rows the statement changed.
  int64_t affected_rows() const;

  bool IsNull(int row, int column) const;
  bool Bool(int row, int column) const;
  int16_t Int2(int row, int column) const;
  int32_t Int4(int row, int column) const;
  int64_t Int8(int row, int column) const;
  double Float8(int row, int column) const;
  // Text and bytea; points into the result.
  std::string_view Bytes(int row, int column) const;
  std::string Text(int row, int column) const { return std::string(Bytes(row, column)); }
  Uuid UuidValue(int row, int column) const;
  absl::Time Time(int row, int column) const;
  std::optional<absl::Time> OptionalTime(int row, int column) const;
  std::optional<Uuid> OptionalUuid(int row, int column) const;
  std::vector<int16_t> Int2Array(int row, int column) const;
  std::vector<int32_t> Int4Array(int row, int column) const;
  std::vector<int64_t> Int8Array(int row, int column) const;
  // A null element is all zero.
  std::vector<Uuid> UuidArray(int row, int column) const;

 private:
  struct Clear {
    void operator()(PGresult* result) const;
  };
  std::string_view Value(int row, int column, size_t size) const;
  template <typename Element>
  std::vector<Element> Array(int row, int column) const;

  std::unique_ptr<PGresult, Clear> result_;
};

}  // namespace snapledger::storage
