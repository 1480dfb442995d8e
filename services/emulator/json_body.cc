#include "services/emulator/json_body.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace snapledger::emulator {
namespace {

constexpr int kDepthMax = 64;

// Builds the document and notes, from the stream's position, where the elements of the root's first
// "data" array begin and end.
class RangeHandler {
 public:
  RangeHandler(absl::string_view bytes, const rapidjson::MemoryStream& stream,
               rapidjson::Document& document, std::vector<absl::string_view>& ranges)
      : bytes_(bytes), stream_(stream), document_(document), ranges_(ranges) {}

  bool Null() { return Plain() && document_.Null(); }
  bool Bool(bool value) { return Plain() && document_.Bool(value); }
  bool Int(int value) { return Plain() && document_.Int(value); }
  bool Uint(unsigned value) { return Plain() && document_.Uint(value); }
  bool Int64(int64_t value) { return Plain() && document_.Int64(value); }
  bool Uint64(uint64_t value) { return Plain() && document_.Uint64(value); }
  bool Double(double value) { return Plain() && document_.Double(value); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool copy) {
    return Plain() && document_.RawNumber(text, size, copy);
  }
  bool String(const char* text, rapidjson::SizeType size, bool copy) {
    return Plain() && document_.String(text, size, copy);
  }
  bool Key(const char* text, rapidjson::SizeType size, bool copy) {
    if (depth_ == 1) {
      next_is_data_ = !data_seen_ && absl::string_view(text, size) == "data";
      data_seen_ = data_seen_ || next_is_data_;
    }
    return document_.Key(text, size, copy);
  }
  bool StartObject() { return Open() && document_.StartObject(); }
  bool EndObject(rapidjson::SizeType count) { return document_.EndObject(count) && Close(); }
  bool StartArray() {
    if (depth_ == 1 && next_is_data_) {
      in_data_ = true;
      next_is_data_ = false;
      ++depth_;
      return document_.StartArray();
    }
    return Open() && document_.StartArray();
  }
  bool EndArray(rapidjson::SizeType count) {
    if (in_data_ && depth_ == 2) in_data_ = false;
    return document_.EndArray(count) && Close();
  }

 private:
  bool Plain() {
    if (in_data_ && depth_ == 2) ranges_.emplace_back();
    return true;
  }
  bool Open() {
    if (in_data_ && depth_ == 2) start_ = stream_.Tell() - 1;
    return ++depth_ <= kDepthMax;
  }
  bool Close() {
    --depth_;
    if (in_data_ && depth_ == 2) ranges_.push_back(bytes_.substr(start_, stream_.Tell() - start_));
    return true;
  }

  const absl::string_view bytes_;
  const rapidjson::MemoryStream& stream_;
  rapidjson::Document& document_;
  std::vector<absl::string_view>& ranges_;
  int depth_ = 0;
  bool next_is_data_ = false;
  bool data_seen_ = false;
  bool in_data_ = false;
  size_t start_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<JsonBody>> JsonBody::Parse(absl::string_view bytes) {
  std::unique_ptr<JsonBody> body(new JsonBody);
  rapidjson::MemoryStream stream(bytes.data(), bytes.size());
  RangeHandler handler(bytes, stream, body->document_, body->element_bytes_);
  rapidjson::ParseResult result;
  const auto generate = [&](rapidjson::Document&) {
    rapidjson::Reader reader;
    result = reader.Parse<rapidjson::kParseValidateEncodingFlag>(stream, handler);
    return !result.IsError();
  };
  body->document_.Populate(generate);
  if (result.Code() == rapidjson::kParseErrorTermination) {
    return absl::InvalidArgumentError(
        absl::StrCat("JSON nested deeper than ", kDepthMax, " levels"));
  }
  if (result.IsError()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "not JSON: ", rapidjson::GetParseError_En(result.Code()), " (byte ", result.Offset(), ")"));
  }
  // The reader takes a NUL byte for the end of the text.
  if (stream.Tell() < bytes.size()) {
    return absl::InvalidArgumentError("not JSON: more bytes after the value");
  }
  return body;
}

const JsonValue* JsonBody::data() const {
  const JsonValue* data = FindMember(document_, "data");
  return data != nullptr && data->IsArray() ? data : nullptr;
}

const JsonValue* FindMember(const JsonValue& object, absl::string_view name) {
  if (!object.IsObject()) return nullptr;
  for (const auto& member : object.GetObject()) {
    if (absl::string_view(member.name.GetString(), member.name.GetStringLength()) == name) {
      return &member.value;
    }
  }
  return nullptr;
}

absl::string_view TextOf(const JsonValue* value) {
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

void AppendJsonText(absl::string_view text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(out, "\\u%04x", static_cast<int>(c));
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

}  // namespace snapledger::emulator
