// Runs every line of tests/golden/conformance: lines marked `must` pass, lines marked `should`
// pass or stand in docs/decisions/0010-conformance-should-lines.md, `ambiguous` ones are counted.

#include <gtest/gtest.h>
#include <phonenumbers/phonenumberutil.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "services/event/prepare.h"
#include "services/event/standard_events.h"
#include "services/snap/encode.h"
#include "tests/services/event/neutral_event.h"
#include "tests/services/event/snap_event_comparison.h"

namespace snapledger::event {
namespace {

using rapidjson::Document;
using rapidjson::Value;

constexpr std::string_view kNeighbourHash =
    "a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3";

// docs/decisions/0010-conformance-should-lines.md has the reason for each.
const std::set<std::string>& DecidedLines() {
  static const auto* const lines =
      new std::set<std::string>{"der-click-url-2", "doc-app-contents", "doc-app-lmu"};
  return *lines;
}

struct Verdict {
  enum class Kind { kPassed, kFailed, kSkipped };
  Kind kind = Kind::kPassed;
  std::string reason;
};

Verdict Passed() { return {}; }
Verdict Failed(std::string reason) { return {Verdict::Kind::kFailed, std::move(reason)}; }
Verdict Skipped(std::string reason) { return {Verdict::Kind::kSkipped, std::move(reason)}; }

struct Tally {
  int passed = 0;
  int failed = 0;
  int decided = 0;
  std::map<std::string, int> skipped;
};

std::string ToText(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return buffer.GetString();
}

std::string ToText(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations) {
    text += violation.field + " (" + std::to_string(static_cast<int>(violation.reason)) + ") ";
  }
  return text;
}

Document Encode(const PreparedEvent& prepared) {
  std::string json;
  snap::AppendSnapEvent(prepared.event, {}, &json);
  Document document;
  document.Parse(json.c_str());
  EXPECT_FALSE(document.HasParseError()) << json;
  return document;
}

std::string RegionOfCountryCode(const Value& line) {
  if (!line.HasMember("context") || !line["context"].HasMember("default_country_code")) return {};
  const Value& code = line["context"]["default_country_code"];
  if (!code.IsString()) return {};
  std::string region;
  i18n::phonenumbers::PhoneNumberUtil::GetInstance()->GetRegionCodeForCountryCode(
      std::stoi(code.GetString()), &region);
  return region;
}

// The values sent for one member, whether Snap takes it as a string or a list.
std::vector<std::string> SentValues(const Document& event, std::string_view member) {
  std::vector<std::string> values;
  const Value& user = event["user_data"];
  const std::string name(member);
  if (!user.HasMember(name.c_str())) return values;
  const Value& sent = user[name.c_str()];
  if (sent.IsString()) return {sent.GetString()};
  for (const auto& value : sent.GetArray()) values.emplace_back(value.GetString());
  return values;
}

std::vector<std::string> Strings(const Value& value) {
  std::vector<std::string> strings;
  if (value.IsString()) strings.emplace_back(value.GetString());
  if (value.IsArray()) {
    for (const auto& element : value.GetArray()) {
      strings.emplace_back(element.IsString() ? element.GetString() : "");
    }
  }
  return strings;
}

void AddNeighbour(std::string_view kind, RawEvent* raw) {
  const RawIdentifier hash{RawIdentifier::Form::kSha256, kNeighbourHash};
  (kind == "email" ? raw->user_data.phone : raw->user_data.email).push_back(hash);
}

void AddEnvelope(absl::Time now, RawEvent* raw) {
  raw->event_id = "conformance";
  raw->name_form = RawEvent::NameForm::kStandard;
  raw->standard_event = FindStandardEvent("VIEW_CONTENT");
  raw->event_time = now;
  raw->action_source = 1;
  raw->event_source_url = "https://shop.example/";
  raw->has_user_data = true;
}

Verdict CheckIdentifier(const Value& line, absl::Time now) {
  const std::string kind = line["kind"].GetString();
  const std::string_view member = SnapMember(kind);
  if (member.empty()) return Skipped("no such field in our API");
  NeutralEvent event;
  AddEnvelope(now, &event.raw);
  const Value& input = line["input"];
  if (input.IsObject() && input.HasMember("event_source_url")) {
    event.raw.event_source_url = input["event_source_url"].GetString();
  } else if (input.IsObject()) {
    return Skipped("not text, which the type demands");
  } else {
    const bool hashed = line["already_hashed"].GetBool();
    event.AddIdentifier(kind, input, hashed);
  }
  AddNeighbour(kind, &event.raw);
  PreparePolicy policy;
  policy.now = now;
  policy.default_phone_region = RegionOfCountryCode(line);
  const PreparedEvent prepared = Prepare(event.raw, policy);
  const std::string expected = line["expected"].GetString();
  const bool rejected = prepared.disposition == Disposition::kRejected;
  if (expected == "omit" || expected == "error") {
    if (rejected) return Passed();
    const auto sent = SentValues(Encode(prepared), member);
    return sent.empty() ? Passed() : Failed("sent although it should not be");
  }
  if (rejected) return Failed("rejected: " + ToText(prepared.violations));
  const Value& wanted = line[expected == "hash" ? "expected_hash" : "expected_normalized"];
  const auto sent = SentValues(Encode(prepared), member);
  if (sent == Strings(wanted)) return Passed();
  if (line.HasMember("accept_also")) {
    for (const std::string& also : Strings(line["accept_also"])) {
      if (sent == std::vector<std::string>{also}) return Passed();
    }
  }
  return Failed("sent " + std::to_string(sent.size()) + " other values");
}

Verdict CheckEvent(const Value& line, absl::Time now) {
  NeutralEvent event;
  std::string reason;
  if (!event.Read(line["input_event"], &reason)) return Skipped(reason);
  event.raw.event_time = now;
  if (event.raw.event_id.empty()) event.raw.event_id = "conformance";
  if (event.raw.action_source == 1 && event.raw.event_source_url.empty()) {
    event.raw.event_source_url = "https://shop.example/";
  }
  PreparePolicy policy;
  policy.now = now;
  policy.destination_kind = event.destination_kind();
  const PreparedEvent prepared = Prepare(event.raw, policy);
  if (prepared.disposition != Disposition::kSend) {
    return Failed("not sent: " + ToText(prepared.violations));
  }
  Document actual = Encode(prepared);
  if (!actual["event_time"].IsInt64() ||
      actual["event_time"].GetInt64() != absl::ToUnixSeconds(now)) {
    return Failed("event_time is not the whole second");
  }
  Document expected;
  expected.CopyFrom(line["expected_v3_event"], expected.GetAllocator());
  const std::string_view compare = line["compare"].GetString();
  if (SameSnapEvent(&expected, &actual, compare == "subset")) return Passed();
  return Failed("expected " + ToText(expected) + "\n  made " + ToText(actual));
}

// The fields of ours that are the counterpart of a vector's field.
std::vector<std::string> Counterparts(const std::string& field) {
  if (field == "event_name") return {"standard_event", "custom_event"};
  static const std::map<std::string, std::string> prefixes = {
      {"user.ip", "user_data.client_ip_address"},
      {"user.madid", "user_data.mobile_ad_id"},
      {"user.user_agent", "user_data.client_user_agent"},
      {"hashed_user.ph", "user_data.phone"},
      {"hashed_user.em", "user_data.email"},
      {"hashed_user.fn", "user_data.first_name"},
      {"hashed_user.ln", "user_data.last_name"},
  };
  const auto found = prefixes.find(field);
  if (found != prefixes.end()) return {found->second};
  const size_t dot = std::min(field.find('.'), field.size());
  const std::string head = field.substr(0, dot);
  const std::string tail = field.substr(dot);
  if (head == "user" || head == "hashed_user") return {"user_data" + tail};
  if (head == "custom") return {"custom_data" + tail};
  if (head == "app") return {"app_data" + tail};
  return {field};
}

bool IsWithin(const std::string& field, const std::string& ancestor) {
  if (field.rfind(ancestor, 0) != 0) return false;
  const std::string rest = field.substr(ancestor.size());
  return rest.empty() || rest.front() == '.' || rest.front() == '[';
}

Verdict CheckValidation(const Value& line, absl::Time /*now*/) {
  const std::string field = line["expected_error_field"].GetString();
  if (field.rfind("config.", 0) == 0) return Skipped("about the destination");
  NeutralEvent event;
  std::string reason;
  if (!event.Read(line["event"], &reason)) return Skipped(reason);
  PreparePolicy policy;
  policy.now = absl::FromUnixSeconds(line["now"].GetInt64());
  policy.destination_kind = event.destination_kind();
  const PreparedEvent prepared = Prepare(event.raw, policy);
  for (const Violation& violation : prepared.violations) {
    for (const std::string& counterpart : Counterparts(field)) {
      if (IsWithin(violation.field, counterpart)) return Passed();
    }
  }
  return Failed("violations: " + ToText(prepared.violations));
}

void Count(const Verdict& verdict, const std::string& id, const std::string& level, Tally* tally) {
  switch (verdict.kind) {
    case Verdict::Kind::kPassed:
      ++tally->passed;
      EXPECT_EQ(DecidedLines().count(id), 0U) << id << " passes: take it off the list";
      return;
    case Verdict::Kind::kSkipped:
      ++tally->skipped[verdict.reason];
      return;
    case Verdict::Kind::kFailed:
      break;
  }
  if (level == "should" && DecidedLines().count(id) > 0) {
    ++tally->decided;
    return;
  }
  ++tally->failed;
  if (level == "ambiguous") {
    std::cout << "ambiguous " << id << ": " << verdict.reason << "\n";
    return;
  }
  ADD_FAILURE() << level << " " << id << ": " << verdict.reason;
}

void Print(const std::string& file, const std::map<std::string, Tally>& tallies) {
  for (const auto& [level, tally] : tallies) {
    std::cout << file << " " << level << ": " << tally.passed << " passed, " << tally.failed
              << " failed, " << tally.decided << " decided otherwise";
    for (const auto& [reason, count] : tally.skipped) {
      std::cout << ", " << count << " skipped (" << reason << ")";
    }
    std::cout << "\n";
  }
}

using Check = Verdict (*)(const Value& line, absl::Time now);

void RunFile(const std::string& file, Check check) {
  std::ifstream lines(SNAPLEDGER_SOURCE_DIR "/tests/golden/conformance/" + file);
  ASSERT_TRUE(lines.is_open()) << file;
  std::map<std::string, Tally> tallies;
  const absl::Time now = absl::FromUnixSeconds(1'764'000'000);
  std::string text;
  while (std::getline(lines, text)) {
    Document line;
    line.Parse(text.c_str());
    ASSERT_FALSE(line.HasParseError()) << text;
    const std::string level = line["level"].GetString();
    Count(check(line, now), line["id"].GetString(), level, &tallies[level]);
  }
  Print(file, tallies);
}

TEST(Conformance, Identifiers) { RunFile("identifiers.jsonl", CheckIdentifier); }
TEST(Conformance, Events) { RunFile("events.jsonl", CheckEvent); }
TEST(Conformance, Validation) { RunFile("validation.jsonl", CheckValidation); }

}  // namespace
}  // namespace snapledger::event
