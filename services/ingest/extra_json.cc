#include "services/ingest/extra_json.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <charconv>
#include <cmath>
#include <map>
#include <string_view>

namespace snapledger::ingest {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

// Above it a double no longer holds every whole number.
constexpr double kWholeNumberMax = 9007199254740992.0;

bool WriteValue(const Value& value, int depth, Writer* writer);

void WriteText(std::string_view text, Writer* writer) {
  writer->String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

bool WriteNumber(double number, Writer* writer) {
  if (!std::isfinite(number)) return false;
  char digits[32];
  const bool whole = std::trunc(number) == number && std::abs(number) < kWholeNumberMax;
  const auto end = whole ? std::to_chars(digits, std::end(digits), static_cast<int64_t>(number))
                         : std::to_chars(digits, std::end(digits), number);
  writer->RawValue(digits, end.ptr - digits, rapidjson::kNumberType);
  return true;
}

bool WriteObject(const Struct& object, int depth, Writer* writer) {
  if (depth > kExtraDepthMax) return false;
  std::map<std::string_view, const Value*> members;
  for (const auto& [name, value] : object.fields()) members[name] = &value;
  writer->StartObject();
  for (const auto& [name, value] : members) {
    writer->Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    if (!WriteValue(*value, depth, writer)) return false;
  }
  writer->EndObject();
  return true;
}

bool WriteList(const google::protobuf::ListValue& list, int depth, Writer* writer) {
  if (depth > kExtraDepthMax) return false;
  writer->StartArray();
  for (const Value& value : list.values()) {
    if (!WriteValue(value, depth, writer)) return false;
  }
  writer->EndArray();
  return true;
}

bool WriteValue(const Value& value, int depth, Writer* writer) {
  switch (value.kind_case()) {
    case Value::kNullValue:
      return writer->Null();
    case Value::kBoolValue:
      return writer->Bool(value.bool_value());
    case Value::kNumberValue:
      return WriteNumber(value.number_value(), writer);
    case Value::kStringValue:
      WriteText(value.string_value(), writer);
      return true;
    case Value::kStructValue:
      return WriteObject(value.struct_value(), depth + 1, writer);
    case Value::kListValue:
      return WriteList(value.list_value(), depth + 1, writer);
    case Value::KIND_NOT_SET:
      return false;
  }
  return false;
}

}  // namespace

std::string ExtraJson(const Struct& extra) {
  if (extra.fields().empty()) return "";
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  if (!WriteObject(extra, 1, &writer)) return kMalformedExtra;
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace snapledger::ingest
