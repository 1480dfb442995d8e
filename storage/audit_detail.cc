#include "storage/audit_detail.h"

#include <charconv>
#include <cmath>

namespace snapledger::storage {
namespace {

void AppendQuoted(std::string_view text, std::string* json) {
  constexpr char kDigits[] = "0123456789abcdef";
  json->push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      json->append("\\u00");
      json->push_back(kDigits[byte >> 4]);
      json->push_back(kDigits[byte & 0xF]);
      continue;
    }
    if (c == '"' || c == '\\') json->push_back('\\');
    json->push_back(c);
  }
  json->push_back('"');
}

}  // namespace

AuditDetail& AuditDetail::Text(std::string_view name, std::string_view value) {
  std::string json;
  AppendQuoted(value, &json);
  return Add(name, json);
}

AuditDetail& AuditDetail::Count(std::string_view name, int64_t value) {
  return Add(name, std::to_string(value));
}

AuditDetail& AuditDetail::Number(std::string_view name, double value) {
  // JSON has no number for these.
  if (!std::isfinite(value)) return Add(name, "null");
  char buffer[32];
  const std::to_chars_result written = std::to_chars(buffer, buffer + sizeof buffer, value);
  return Add(name, {buffer, static_cast<size_t>(written.ptr - buffer)});
}

AuditDetail& AuditDetail::Flag(std::string_view name, bool value) {
  return Add(name, value ? "true" : "false");
}

AuditDetail& AuditDetail::Object(std::string_view name, const AuditDetail& value) {
  return Add(name, value.json());
}

AuditDetail& AuditDetail::Add(std::string_view name, std::string_view json) {
  if (!members_.empty()) members_.push_back(',');
  AppendQuoted(name, &members_);
  members_.push_back(':');
  members_.append(json);
  return *this;
}

}  // namespace snapledger::storage
