#include "services/snap/json_answer.h"

#include "services/snap/client.h"

namespace snapledger::snap {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

// The parser keeps its own stack, so that deep nesting cannot exhaust the thread's.
bool ParseAnswer(std::string_view body, rapidjson::Document* document) {
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  if (body.size() > kReplyBytesMax) return false;
  document->Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  return !document->HasParseError() && document->IsObject();
}

const rapidjson::Value* Find(const rapidjson::Value& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto member = object.FindMember(name);
  return member == object.MemberEnd() ? nullptr : &member->value;
}

std::string_view TextOf(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

}  // namespace snapledger::snap
