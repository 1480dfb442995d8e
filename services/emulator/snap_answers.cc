#include "services/emulator/snap_answers.h"

#include <algorithm>

#include "services/emulator/json_writing.h"

namespace snapledger::emulator {
namespace {

constexpr absl::string_view kProcessed = "Events have been processed successfully.";
constexpr absl::string_view kOneInvalid = "At least one of the events is invalid.";

HttpAnswer JsonAnswer(int64_t status, const rapidjson::StringBuffer& buffer) {
  HttpAnswer answer;
  answer.status = static_cast<int>(status);
  answer.body.assign(buffer.GetString(), buffer.GetSize());
  return answer;
}

void WriteMessages(const Findings& findings, JsonWriter& writer) {
  writer.Key("error_msgs");
  writer.StartArray();
  for (const ErrorFinding& error : findings.errors) WriteText(error.message, writer);
  writer.EndArray();
}

void WriteErrors(const Findings& findings, const Rules& rules, JsonWriter& writer) {
  writer.Key("errors");
  writer.StartObject();
  writer.Key("codes");
  writer.StartArray();
  for (const ErrorFinding& error : findings.errors) {
    if (rules.only_known_codes && error.code != ErrorCode::kNoIdentity) continue;
    WriteText(CodeText(error.code), writer);
  }
  writer.EndArray();
  WriteMessages(findings, writer);
  writer.EndObject();
}

void WriteEventLog(int64_t index, const Findings& findings, const Rules& rules,
                   JsonWriter& writer) {
  writer.StartObject();
  writer.Key("event");
  writer.Int64(index);
  WriteMember("status", absl::string_view(findings.valid() ? "VALID" : "INVALID"), writer);
  WriteErrors(findings, rules, writer);
  writer.Key("warnings");
  writer.StartArray();
  for (const std::string& warning : findings.warnings) WriteText(warning, writer);
  writer.EndArray();
  writer.EndObject();
}

bool IsValid(const CheckedEvent& event) { return event.findings.valid(); }

}  // namespace

HttpAnswer ValidAnswer(bool duplicates, const Rules& rules) {
  HttpAnswer answer;
  answer.body = duplicates && rules.duplicates_noted
                    ? R"({"status":"VALID","reason":"Duplicate events have been ignored."})"
                    : R"({"status":"VALID","reason":"Events have been processed successfully."})";
  return answer;
}

HttpAnswer RefusedAnswer(int status, absl::string_view reason) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  WriteMember("status", absl::string_view("INVALID"), writer);
  WriteMember("reason", reason, writer);
  writer.EndObject();
  return JsonAnswer(status, buffer);
}

HttpAnswer InvalidEventsAnswer(const std::vector<CheckedEvent>& events, bool name_event,
                               const Rules& rules) {
  const auto first = std::find_if_not(events.begin(), events.end(), IsValid);
  const Findings& findings = first->findings;
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  WriteMember("status", absl::string_view("INVALID"), writer);
  if (rules.flat_errors) {
    WriteMessages(findings, writer);
  } else {
    WriteMember("reason", kOneInvalid, writer);
    if (name_event && !rules.event_index_omitted) {
      writer.Key("event");
      writer.Int64(first - events.begin() + rules.index_base);
    }
    WriteErrors(findings, rules, writer);
  }
  writer.EndObject();
  return JsonAnswer(rules.invalid_status, buffer);
}

HttpAnswer ValidateAnswer(const std::vector<CheckedEvent>& events, const Rules& rules) {
  const bool valid = std::all_of(events.begin(), events.end(), IsValid);
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  WriteMember("status", absl::string_view(valid ? "VALID" : "INVALID"), writer);
  WriteMember("test_event", true, writer);
  WriteMember("reason", valid ? kProcessed : kOneInvalid, writer);
  writer.Key("event_logs");
  writer.StartArray();
  int64_t index = rules.index_base;
  for (const CheckedEvent& event : events) WriteEventLog(index++, event.findings, rules, writer);
  writer.EndArray();
  writer.EndObject();
  return JsonAnswer(valid ? 200 : rules.validate_invalid_status, buffer);
}

}  // namespace snapledger::emulator
