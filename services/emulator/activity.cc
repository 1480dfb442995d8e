#include "services/emulator/activity.h"

#include "absl/strings/str_cat.h"
#include "services/emulator/json_writing.h"

namespace snapledger::emulator {
namespace {

constexpr absl::Duration kLogAge = absl::Hours(24);
constexpr size_t kLogEntriesMax = 1000;

std::string LogJson(absl::string_view asset, const CheckedEvent& event) {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  const EventFacts& facts = event.facts;
  writer.StartObject();
  WriteMember("event_name", facts.name, writer);
  WriteMember("raw_event_name", facts.raw_name, writer);
  const bool timed = facts.time != absl::InfinitePast();
  WriteMember("event_time", timed ? absl::StrCat(absl::ToUnixSeconds(facts.time)) : "", writer);
  WriteMember("action_source", ActionSourceName(facts.source), writer);
  WriteMember("status", absl::string_view(event.findings.valid() ? "VALID" : "INVALID"), writer);
  WriteMember("integration", facts.integration, writer);
  WriteMember("asset_id", asset, writer);
  writer.Key("event_metadata");
  writer.StartObject();
  WriteMember(facts.source == ActionSource::kMobileApp ? "snap_app_id" : "pixel_id", asset, writer);
  writer.EndObject();
  writer.Key("warning_records");
  writer.StartArray();
  for (const std::string& warning : event.findings.warnings) WriteText(warning, writer);
  writer.EndArray();
  writer.Key("error_records");
  writer.StartArray();
  for (const ErrorFinding& error : event.findings.errors) WriteText(error.message, writer);
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

absl::string_view Level(uint64_t part, uint64_t whole) {
  if (whole == 0 || 10 * part < 4 * whole) return "BAD";
  return 10 * part < 8 * whole ? "OKAY" : "GOOD";
}

absl::string_view Priority(absl::string_view level) {
  if (level == "BAD") return "P0";
  return level == "OKAY" ? "P1" : "P2";
}

void WriteRecommendation(absl::string_view title, absl::string_view code, absl::string_view level,
                         JsonWriter& writer) {
  writer.StartObject();
  WriteMember("title", title, writer);
  WriteMember("description", absl::StrCat(title, " raises the share of matched events."), writer);
  WriteMember("recommendation_code", code, writer);
  WriteMember("priority", Priority(level), writer);
  WriteMember("score", level, writer);
  writer.EndObject();
}

void WriteStats(const char* name, int64_t latest_seconds, uint64_t past_hour, JsonWriter& writer) {
  writer.Key(name);
  writer.StartObject();
  writer.Key("latest_event_ts");
  writer.Int64(latest_seconds);
  WriteMember("event_count_past_hour", past_hour, writer);
  writer.EndObject();
}

}  // namespace

void Activity::HourCounter::Add(absl::Time now) {
  latest_seconds = absl::ToUnixSeconds(now);
  const int64_t minute = latest_seconds / 60;
  const size_t slot = static_cast<size_t>(minute % 60);
  if (minutes[slot] != minute) {
    minutes[slot] = minute;
    counts[slot] = 0;
  }
  ++counts[slot];
}

uint64_t Activity::HourCounter::PastHour(absl::Time now) const {
  const int64_t minute = absl::ToUnixSeconds(now) / 60;
  uint64_t sum = 0;
  for (size_t slot = 0; slot < counts.size(); ++slot) {
    if (minutes[slot] > minute - 60 && minutes[slot] <= minute) sum += counts[slot];
  }
  return sum;
}

void Activity::Note(absl::string_view asset, const CheckedEvent& event, bool test, absl::Time now) {
  const Findings& findings = event.findings;
  const bool logged = test || !findings.valid() || !findings.warnings.empty();
  std::string json = logged ? LogJson(asset, event) : std::string();
  absl::MutexLock lock(&mutex_);
  Asset& entry = assets_[asset];
  if (test) entry.test.Add(now);
  if (!test && findings.valid()) entry.live.Add(now);
  if (logged) {
    entry.logs.push_back({now, std::move(json)});
    if (entry.logs.size() > kLogEntriesMax) entry.logs.pop_front();
  }
  if (test || !findings.valid()) return;
  const uint32_t signals = event.facts.signals;
  Quality& quality =
      entry.quality[{event.facts.name, std::string(ActionSourceName(event.facts.source)), "API"}];
  ++quality.events;
  quality.with_contact += (signals & (kEmail | kPhone)) != 0;
  quality.with_click += (signals & (kClickId | kCookie)) != 0;
}

void Activity::NotePixel(absl::string_view asset, absl::string_view event_name) {
  absl::MutexLock lock(&mutex_);
  ++assets_[asset].quality[{std::string(event_name), "WEB", "SDK"}].events;
}

std::string Activity::LogsJson(absl::string_view asset, absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  std::string body = R"({"status":"SUCCESS","reason":"Logs of the last 24 hours.","logs":[)";
  const auto found = assets_.find(asset);
  bool first = true;
  if (found != assets_.end()) {
    for (const LogEntry& entry : found->second.logs) {
      if (entry.time < now - kLogAge) continue;
      absl::StrAppend(&body, first ? "" : ",", entry.json);
      first = false;
    }
  }
  body.append("]}");
  return body;
}

std::string Activity::StatsJson(absl::string_view asset, absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  const auto found = assets_.find(asset);
  const Asset none;
  const Asset& entry = found == assets_.end() ? none : found->second;
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  WriteMember("status", absl::string_view("SUCCESS"), writer);
  WriteMember("reason", absl::string_view("Counters of the last hour."), writer);
  writer.Key("stats");
  writer.StartObject();
  WriteStats("test", entry.test.latest_seconds, entry.test.PastHour(now), writer);
  WriteStats("live", entry.live.latest_seconds, entry.live.PastHour(now), writer);
  writer.EndObject();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string Activity::QualityJson(absl::string_view asset, bool app) const {
  absl::MutexLock lock(&mutex_);
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  WriteMember("request_status", absl::string_view("SUCCESS"), writer);
  writer.Key("event_quality_scores");
  writer.StartArray();
  const auto found = assets_.find(asset);
  if (found != assets_.end()) {
    for (const auto& [key, quality] : found->second.quality) {
      if ((key[1] == ActionSourceName(ActionSource::kMobileApp)) != app) continue;
      writer.StartObject();
      WriteMember("sub_request_status", absl::string_view("SUCCESS"), writer);
      writer.Key("event_quality_score");
      writer.StartObject();
      WriteMember("action_source", key[1], writer);
      WriteMember("event_source", key[2], writer);
      WriteMember("event_type", key[0], writer);
      writer.Key("recommendations");
      writer.StartArray();
      WriteRecommendation("Sending a hashed email or phone", "PII_COVERAGE_SDK",
                          Level(quality.with_contact, quality.events), writer);
      WriteRecommendation("Sending the click id or the cookie", "CLICK_ID_COVERAGE",
                          Level(quality.with_click, quality.events), writer);
      writer.EndArray();
      writer.EndObject();
      writer.EndObject();
    }
  }
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace snapledger::emulator
