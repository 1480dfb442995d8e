#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>

#include "absl/strings/string_view.h"

namespace snapledger::emulator {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

inline void WriteText(absl::string_view text, JsonWriter& writer) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

inline void WriteMember(const char* name, absl::string_view text, JsonWriter& writer) {
  writer.Key(name);
  WriteText(text, writer);
}

inline void WriteMember(const char* name, uint64_t number, JsonWriter& writer) {
  writer.Key(name);
  writer.Uint64(number);
}

inline void WriteMember(const char* name, double number, JsonWriter& writer) {
  writer.Key(name);
  writer.Double(number);
}

inline void WriteMember(const char* name, bool flag, JsonWriter& writer) {
  writer.Key(name);
  writer.Bool(flag);
}

}  // namespace snapledger::emulator
