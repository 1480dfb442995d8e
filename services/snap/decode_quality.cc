#include "services/snap/decode_quality.h"

#include <rapidjson/document.h>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "services/snap/client.h"
#include "services/snap/redact.h"

namespace snapledger::snap {
namespace {

using rapidjson::Value;

constexpr size_t kWordBytesMax = 64;
constexpr size_t kTitleBytesMax = 256;
constexpr size_t kScoresMax = 1000;

const Value* Find(const Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member == object.MemberEnd() ? nullptr : &member->value;
}

// Redacted; empty where there is no such text.
std::string TextOf(const Value& object, const char* name, size_t bytes_max) {
  const Value* const value = Find(object, name);
  if (value == nullptr || !value->IsString()) return "";
  return Redact({value->GetString(), value->GetStringLength()}, bytes_max);
}

bool Succeeded(const Value& object, const char* name) {
  return absl::EqualsIgnoreCase(TextOf(object, name, kWordBytesMax), "SUCCESS");
}

bool IsScore(const std::string& text) { return text == "GOOD" || text == "OKAY" || text == "BAD"; }

// False where it has another shape.
bool ReadEventType(const Value& event_type, std::vector<QualityScore>* scores) {
  const std::string name = TextOf(event_type, "event_type", kWordBytesMax);
  const Value* const recommendations = Find(event_type, "recommendations");
  if (name.empty() || recommendations == nullptr || !recommendations->IsArray()) return false;
  for (const Value& one : recommendations->GetArray()) {
    if (!one.IsObject() || scores->size() == kScoresMax) return false;
    QualityScore score{.event_name = name,
                       .event_source = TextOf(event_type, "event_source", kWordBytesMax),
                       .score = TextOf(one, "score", kWordBytesMax),
                       .priority = TextOf(one, "priority", kWordBytesMax),
                       .recommendation_code = TextOf(one, "recommendation_code", kWordBytesMax),
                       .title = TextOf(one, "title", kTitleBytesMax)};
    if (!IsScore(score.score)) return false;
    scores->push_back(std::move(score));
  }
  return true;
}

}  // namespace

std::optional<std::vector<QualityScore>> DecodeQuality(std::string_view body) {
  rapidjson::Document document;
  if (body.size() > kReplyBytesMax) return std::nullopt;
  document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  if (document.HasParseError() || !document.IsObject()) return std::nullopt;
  const Value* const list = Find(document, "event_quality_scores");
  if (!Succeeded(document, "request_status") || list == nullptr || !list->IsArray()) {
    return std::nullopt;
  }
  std::vector<QualityScore> scores;
  for (const Value& entry : list->GetArray()) {
    if (!entry.IsObject()) return std::nullopt;
    // Snap has no score of it; the others hold.
    if (!Succeeded(entry, "sub_request_status")) continue;
    const Value* const event_type = Find(entry, "event_quality_score");
    if (event_type == nullptr || !event_type->IsObject() || !ReadEventType(*event_type, &scores)) {
      return std::nullopt;
    }
  }
  return scores;
}

}  // namespace snapledger::snap
