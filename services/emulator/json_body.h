#pragma once

#include <rapidjson/document.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace snapledger::emulator {

using JsonValue = rapidjson::Value;

// A request body, parsed once, that still knows which bytes each event was made of.
class JsonBody {
 public:
  // Fails with a readable reason unless `bytes` is one JSON value in valid UTF-8, not nested deeper
  // than 64. `bytes` must outlive the result.
  static absl::StatusOr<std::unique_ptr<JsonBody>> Parse(absl::string_view bytes);

  const JsonValue& root() const { return document_; }
  // The array named data of the root object, or null.
  const JsonValue* data() const;
  // The exact bytes of each object (or array) in data(), in order; empty for a plain value.
  const std::vector<absl::string_view>& element_bytes() const { return element_bytes_; }

 private:
  JsonBody() = default;

  rapidjson::Document document_;
  std::vector<absl::string_view> element_bytes_;
};

// The member of that name, or null if `object` is no object or has no such member.
const JsonValue* FindMember(const JsonValue& object, absl::string_view name);

// The text of a JSON string; empty for anything else.
absl::string_view TextOf(const JsonValue* value);

// Appends `text` as a JSON string, quotes included.
void AppendJsonText(absl::string_view text, std::string* out);

}  // namespace snapledger::emulator
