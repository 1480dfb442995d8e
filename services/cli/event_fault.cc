#include "services/cli/event_fault.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/time_util.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "services/base/edit_distance.h"
#include "services/base/text.h"
#include "snapledger/v1/conversion_event.pb.h"

namespace snapledger::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using rapidjson::Value;

// More edits than these are another word, not a slip.
constexpr size_t kSlipEditsMax = 2;
// Callers may have numbers for them, which binary floats would round.
constexpr std::string_view kAmounts[] = {"value", "item_price", "predicted_ltv"};

std::string_view TextOf(const Value& text) { return {text.GetString(), text.GetStringLength()}; }

// The field whose name `name` misses by a slip; null where there is none. Half of a short name is
// no slip: any two characters are two edits from "id".
const FieldDescriptor* SlipOf(std::string_view name, const Descriptor& type) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-';
  });
  if (!plain) return nullptr;
  const FieldDescriptor* nearest = nullptr;
  size_t fewest = kSlipEditsMax + 1;
  for (int i = 0; i < type.field_count(); ++i) {
    for (const std::string& known : {type.field(i)->json_name(), type.field(i)->name()}) {
      if (name.size() > known.size() + kSlipEditsMax) continue;
      const size_t edits = base::EditsBetween(name, known);
      if (edits >= fewest || 2 * edits >= known.size()) continue;
      fewest = edits;
      nearest = type.field(i);
    }
  }
  return nearest;
}

std::string Below(const std::string& path, std::string_view name) {
  return base::Concat(path, path.empty() ? "" : ".", name);
}

// Any other name is not repeated: a member may be called by an address or a number of somebody.
std::string UnknownMember(std::string_view name, const Descriptor& type, const std::string& path) {
  if (const FieldDescriptor* const meant = SlipOf(name, type)) {
    return base::Concat(Below(path, name), " is not known; nearest known: ", meant->json_name());
  }
  return base::Concat("an unknown member", path.empty() ? "" : " of ", path,
                      "; docs/api.md lists those of ", type.name());
}

const FieldDescriptor* FieldNamed(const Descriptor& type, std::string_view name) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* const field = type.field(i);
    if (field->json_name() == name || field->name() == name) return field;
  }
  return nullptr;
}

bool IsWhole(const Value& value) {
  if (value.IsInt64()) return true;
  if (value.IsDouble()) return std::trunc(value.GetDouble()) == value.GetDouble();
  int64_t number = 0;
  return value.IsString() && absl::SimpleAtoi(base::AsAbsl(TextOf(value)), &number);
}

std::string EnumFault(const Value& value, const EnumDescriptor& type, const std::string& path) {
  const bool known =
      value.IsString() && type.FindValueByName(std::string(TextOf(value))) != nullptr;
  if (known || (value.IsNumber() && IsWhole(value))) return "";
  std::vector<std::string> words;
  // 0 is UNSPECIFIED: leaving the field out says as much.
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) words.push_back(type.value(i)->name());
  }
  return base::Concat(path, " must be one of ", absl::StrJoin(words, ", "));
}

std::string TextFault(const Value& value, const FieldDescriptor& field, const std::string& path) {
  if (value.IsString()) return "";
  const bool amount =
      std::find(std::begin(kAmounts), std::end(kAmounts), field.name()) != std::end(kAmounts);
  return base::Concat(path, " must be text in quotes", amount ? ", such as \"12.50\"" : "");
}

std::string TimeFault(const Value& value, const std::string& path) {
  google::protobuf::Timestamp time;
  if (value.IsString() &&
      google::protobuf::util::TimeUtil::FromString(std::string(TextOf(value)), &time)) {
    return "";
  }
  return path + " must be a time in RFC 3339, such as \"2026-11-23T10:00:00Z\"";
}

std::string MessageFault(const Value& value, const Descriptor& type, const std::string& path);

std::string ValueFault(const Value& value, const FieldDescriptor& field, const std::string& path) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return TextFault(value, field, path);
    case FieldDescriptor::CPPTYPE_INT64:
      return IsWhole(value) ? "" : path + " must be a whole number";
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumFault(value, *field.enum_type(), path);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
    default:
      return "";
  }
  const Descriptor& type = *field.message_type();
  if (type.well_known_type() == Descriptor::WELLKNOWNTYPE_TIMESTAMP) return TimeFault(value, path);
  if (type.well_known_type() != Descriptor::WELLKNOWNTYPE_STRUCT) {
    return MessageFault(value, type, path);
  }
  return value.IsObject() ? "" : path + " must be an object in { }";
}

// Of a map from text to text.
std::string MapFault(const Value& value, const std::string& path) {
  if (!value.IsObject()) return path + " must be an object in { }";
  std::set<std::string_view> names;
  for (const auto& member : value.GetObject()) {
    if (!names.insert(TextOf(member.name)).second) return path + " has a member twice; keep one";
    if (!member.value.IsString() && !member.value.IsNull()) {
      return path + " has a member that is not text; put the values in quotes";
    }
  }
  return "";
}

std::string FieldFault(const Value& value, const FieldDescriptor& field, const std::string& path) {
  if (field.is_map()) return MapFault(value, path);
  if (!field.is_repeated()) return ValueFault(value, field, path);
  if (!value.IsArray()) return path + " must be a list in [ ]";
  for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
    if (value[i].IsNull()) continue;
    std::string fault = ValueFault(value[i], field, base::Concat(path, "[", i, "]"));
    if (!fault.empty()) return fault;
  }
  return "";
}

std::string SeveralOf(const google::protobuf::OneofDescriptor& choice, const std::string& path) {
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(choice.field_count()));
  for (int i = 0; i < choice.field_count(); ++i) names.push_back(choice.field(i)->json_name());
  return base::Concat(path, path.empty() ? "" : ": ", "only one of ", absl::StrJoin(names, " and "),
                      " may be set; leave the other out");
}

std::string MessageFault(const Value& value, const Descriptor& type, const std::string& path) {
  if (!value.IsObject()) return path + " must be an object in { }";
  std::set<const google::protobuf::OneofDescriptor*> chosen;
  for (const auto& member : value.GetObject()) {
    const std::string_view name = TextOf(member.name);
    const FieldDescriptor* const field = FieldNamed(type, name);
    if (field == nullptr) return UnknownMember(name, type, path);
    if (member.value.IsNull()) continue;
    const auto* const choice = field->containing_oneof();
    if (choice != nullptr && !chosen.insert(choice).second) return SeveralOf(*choice, path);
    std::string fault = FieldFault(member.value, *field, Below(path, field->json_name()));
    if (!fault.empty()) return fault;
  }
  return "";
}

// The parser's own words repeat nothing of the text.
std::string SyntaxFault(const rapidjson::ParseResult& result, size_t size) {
  if (result.Code() == rapidjson::kParseErrorDocumentRootNotSingular) {
    return "something follows the event; write one event a line";
  }
  if (result.Offset() >= size) return "the line ends before the event does; write it on one line";
  std::string words = rapidjson::GetParseError_En(result.Code());
  if (!words.empty()) words[0] = absl::ascii_tolower(static_cast<unsigned char>(words[0]));
  while (!words.empty() && words.back() == '.') words.pop_back();
  return base::Concat("not JSON at byte ", result.Offset() + 1, ": ", words);
}

}  // namespace

std::string EventFault(const std::string& json) {
  const std::string text(absl::StripTrailingAsciiWhitespace(json));
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "[")) {
    return "one event a line, not an array of events";
  }
  // Iterative: a line may nest deeper than the stack is.
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::Document document;
  document.Parse<kFlags>(text.data(), text.size());
  if (document.HasParseError()) return SyntaxFault(document, text.size());
  if (!document.IsObject()) return "an event must be an object in { }";
  return MessageFault(document, *v1::ConversionEvent::descriptor(), "");
}

}  // namespace snapledger::cli
