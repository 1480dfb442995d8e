#include "services/snap/decode.h"

#include <rapidjson/document.h>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "services/base/text.h"
#include "services/snap/json_answer.h"
#include "services/snap/redact.h"

namespace snapledger::snap {
namespace {

using rapidjson::Value;

constexpr size_t kStatusTextBytesMax = 64;
constexpr size_t kReasonBytesMax = 512;
constexpr rapidjson::SizeType kTextsMax = 16;
constexpr rapidjson::SizeType kEventVerdictsMax = 2000;
constexpr size_t kRecordIndexesMax = 2000;

SnapAnswer::Status StatusOf(absl::string_view text) {
  if (absl::EqualsIgnoreCase(text, "VALID") || absl::EqualsIgnoreCase(text, "SUCCESS")) {
    return SnapAnswer::Status::kValid;
  }
  if (absl::EqualsIgnoreCase(text, "INVALID") || absl::EqualsIgnoreCase(text, "FAILED")) {
    return SnapAnswer::Status::kInvalid;
  }
  return SnapAnswer::Status::kOther;
}

// Collects the texts of an answer, each redacted before it touches another.
class Reason {
 public:
  void Add(const Value* value) {
    if (value != nullptr && value->IsString()) Append(TextOf(*value));
    if (value == nullptr || !value->IsArray()) return;
    for (rapidjson::SizeType i = 0; i < value->Size() && i < kTextsMax; ++i) {
      if ((*value)[i].IsString()) Append(TextOf((*value)[i]));
    }
  }

  void AddCodes(const Value* codes) {
    if (codes == nullptr || !codes->IsArray()) return;
    std::vector<std::string> words;
    for (rapidjson::SizeType i = 0; i < codes->Size() && i < kTextsMax; ++i) {
      const Value& code = (*codes)[i];
      if (code.IsString()) words.push_back(Redact(TextOf(code), kStatusTextBytesMax));
      if (code.IsInt()) words.push_back(Redact(std::to_string(code.GetInt()), kStatusTextBytesMax));
    }
    if (!words.empty()) texts_.push_back(base::Concat("code ", absl::StrJoin(words, ", ")));
  }

  std::string Take() && {
    std::string line = absl::StrJoin(texts_, "; ");
    CutAtCharacter(kReasonBytesMax, &line);
    return line;
  }

 private:
  // Snap repeats itself: the reason of the whole is often that of its only event.
  void Append(std::string_view text) {
    std::string redacted = Redact(text, kReasonBytesMax);
    if (redacted.empty()) return;
    for (const std::string& earlier : texts_) {
      if (earlier == redacted) return;
    }
    texts_.push_back(std::move(redacted));
  }

  std::vector<std::string> texts_;
};

void AddErrors(const Value& object, Reason* reason) {
  reason->Add(Find(object, "reason"));
  const Value* const errors = Find(object, "errors");
  if (errors == nullptr) return;
  reason->Add(errors);
  reason->Add(Find(*errors, "error_msgs"));
  reason->AddCodes(Find(*errors, "codes"));
}

std::string ReasonOf(const Value& answer) {
  Reason reason;
  AddErrors(answer, &reason);
  reason.Add(Find(answer, "error_msgs"));
  reason.Add(Find(answer, "error"));
  const Value* const error = Find(answer, "error");
  if (error != nullptr) reason.Add(Find(*error, "message"));
  const Value* const records = Find(answer, "error_records");
  if (records != nullptr && records->IsArray()) {
    for (rapidjson::SizeType i = 0; i < records->Size() && i < kTextsMax; ++i) {
      reason.Add(Find((*records)[i], "reason"));
    }
  }
  return std::move(reason).Take();
}

std::optional<int> IndexOf(const Value& object) {
  const Value* const index = Find(object, "event");
  if (index == nullptr || !index->IsInt()) return std::nullopt;
  return index->GetInt();
}

std::vector<int> RecordIndexesOf(const Value& answer) {
  std::vector<int> indexes;
  const Value* const records = Find(answer, "error_records");
  if (records == nullptr || !records->IsArray()) return indexes;
  for (const Value& record : records->GetArray()) {
    const Value* const listed = Find(record, "record_indexes");
    if (listed == nullptr || !listed->IsArray()) continue;
    for (const Value& index : listed->GetArray()) {
      if (indexes.size() == kRecordIndexesMax) return indexes;
      if (index.IsInt()) indexes.push_back(index.GetInt());
    }
  }
  return indexes;
}

SnapAnswer::Status StatusOf(const Value& object) {
  const Value* const status = Find(object, "status");
  if (status == nullptr || !status->IsString()) return SnapAnswer::Status::kOther;
  return StatusOf(base::AsAbsl(TextOf(*status)));
}

EventVerdict VerdictOf(const Value& log) {
  Reason reason;
  AddErrors(log, &reason);
  return {IndexOf(log), StatusOf(log), std::move(reason).Take()};
}

}  // namespace

SnapAnswer DecodeAnswer(std::string_view body) {
  SnapAnswer answer;
  rapidjson::Document document;
  if (!ParseAnswer(body, &document)) {
    answer.reason = Redact(body, kReasonBytesMax);
    return answer;
  }
  answer.status = StatusOf(document);
  const Value* const status = Find(document, "status");
  if (status != nullptr && status->IsString()) {
    answer.status_text = Redact(TextOf(*status), kStatusTextBytesMax);
  }
  answer.reason = ReasonOf(document);
  answer.event_index = IndexOf(document);
  answer.record_indexes = RecordIndexesOf(document);
  return answer;
}

std::vector<EventVerdict> DecodeEventVerdicts(std::string_view body) {
  std::vector<EventVerdict> verdicts;
  rapidjson::Document document;
  if (!ParseAnswer(body, &document)) return verdicts;
  const Value* const logs = Find(document, "event_logs");
  if (logs == nullptr || !logs->IsArray()) return verdicts;
  for (rapidjson::SizeType i = 0; i < logs->Size() && i < kEventVerdictsMax; ++i) {
    if ((*logs)[i].IsObject()) verdicts.push_back(VerdictOf((*logs)[i]));
  }
  return verdicts;
}

}  // namespace snapledger::snap
