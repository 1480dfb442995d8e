#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace snapledger::storage {

// Builds the detail of an audit entry: one JSON object. Names and texts are UTF-8.
class AuditDetail {
 public:
  AuditDetail& Text(std::string_view name, std::string_view value);
  AuditDetail& Count(std::string_view name, int64_t value);
  AuditDetail& Number(std::string_view name, double value);  // shortest that reads back the same
  AuditDetail& Flag(std::string_view name, bool value);
  // `value` inside, under `name`.
  AuditDetail& Object(std::string_view name, const AuditDetail& value);

  bool empty() const { return members_.empty(); }
  std::string json() const { return "{" + members_ + "}"; }

 private:
  AuditDetail& Add(std::string_view name, std::string_view json);

  std::string members_;
};

}  // namespace snapledger::storage
