#include "tests/checker/json_lines.h"

#include <fstream>

#include "services/base/text.h"

namespace snapledger::checker {
namespace {

const rapidjson::Value* Find(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member == object.MemberEnd() ? nullptr : &member->value;
}

absl::Status InvalidLine(const std::string& path, int64_t line_number, std::string_view reason) {
  return absl::InvalidArgumentError(base::Concat(path, ":", line_number, ": ", reason));
}

}  // namespace

absl::Status ReadJsonLines(const std::string& path,
                           const std::function<absl::Status(const rapidjson::Value&)>& take_line) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(base::Concat("cannot read ", path));
  std::string line;
  for (int64_t line_number = 1; std::getline(file, line); ++line_number) {
    // Without its line end: unfinished.
    if (file.eof()) break;
    if (line.empty()) continue;
    rapidjson::Document document;
    if (document.Parse(line.data(), line.size()).HasParseError() || !document.IsObject()) {
      return InvalidLine(path, line_number, "no JSON object");
    }
    const absl::Status taken = take_line(document);
    if (!taken.ok()) return InvalidLine(path, line_number, base::AsStd(taken.message()));
  }
  return absl::OkStatus();
}

std::string_view TextMember(const rapidjson::Value& object, const char* name) {
  const rapidjson::Value* const value = Find(object, name);
  if (value == nullptr || !value->IsString()) return "";
  return {value->GetString(), value->GetStringLength()};
}

int64_t IntegerMember(const rapidjson::Value& object, const char* name) {
  const rapidjson::Value* const value = Find(object, name);
  return value != nullptr && value->IsInt64() ? value->GetInt64() : 0;
}

double NumberMember(const rapidjson::Value& object, const char* name) {
  const rapidjson::Value* const value = Find(object, name);
  return value != nullptr && value->IsNumber() ? value->GetDouble() : 0;
}

bool YesMember(const rapidjson::Value& object, const char* name) {
  const rapidjson::Value* const value = Find(object, name);
  return value != nullptr && value->IsBool() && value->GetBool();
}

}  // namespace snapledger::checker
