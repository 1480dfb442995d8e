#include "tests/e2e/emulator_client.h"

#include <httplib.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <fstream>
#include <stdexcept>

namespace snapledger::e2e {
namespace {

std::string Text(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && member->value.IsString() ? member->value.GetString() : "";
}

std::string Serialize(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return buffer.GetString();
}

JournalRequest ReadRequest(const rapidjson::Value& line) {
  const rapidjson::Value& answer = line["answer"];
  return {.number = line["number"].GetInt64(),
          .time = line["time"].GetDouble(),
          .asset = Text(line, "asset"),
          .token_sha256 = Text(line, "token_sha256"),
          .body_sha256 = Text(line, "body_sha256"),
          .fault = Text(line, "fault"),
          .status = answer["status"].GetInt(),
          .complete = answer["complete"].GetBool(),
          .valid = answer["valid"].GetBool()};
}

JournalEvent ReadEvent(const rapidjson::Value& line) {
  return {.request = line["request"].GetInt64(),
          .asset = Text(line, "asset"),
          .event_id = Text(line, "event_id"),
          .event_sha256 = Text(line, "event_sha256"),
          .accepted = line["accepted"].GetBool(),
          .counted = line["counted"].GetBool(),
          .event_json = Serialize(line["event"])};
}

}  // namespace

Journal ReadJournal(const std::string& file) {
  Journal journal;
  std::ifstream lines(file);
  std::string text;
  std::map<int64_t, bool> is_events;
  while (std::getline(lines, text)) {
    rapidjson::Document line;
    // The line being written just now is read the next time.
    if (line.Parse(text.c_str()).HasParseError()) continue;
    const std::string kind = Text(line, "kind");
    if (kind == "request") {
      const JournalRequest request = ReadRequest(line);
      is_events[request.number] = Text(line, "endpoint") == "events";
      if (Text(line, "endpoint") == "validate") ++journal.validations;
      if (is_events[request.number]) journal.requests.push_back(request);
    } else if (kind == "event" && is_events[line["request"].GetInt64()]) {
      journal.events.push_back(ReadEvent(line));
    }
  }
  return journal;
}

std::string EmulatorClient::Post(const std::string& path, const std::string& body) {
  httplib::Client client(admin_url_);
  const httplib::Result result = client.Post(path, body, "application/json");
  if (!result || result->status != 200) {
    throw std::runtime_error("the emulator refused " + path + ": " +
                             (result ? result->body : "no answer"));
  }
  return result->body;
}

std::string EmulatorClient::Get(const std::string& path) {
  httplib::Client client(admin_url_);
  const httplib::Result result = client.Get(path);
  if (!result || result->status != 200) throw std::runtime_error("the emulator has no " + path);
  return result->body;
}

void EmulatorClient::SetFaults(const std::string& faults_json) { Post("/faults", faults_json); }

int64_t EmulatorClient::FaultsStruck(const std::string& name) {
  rapidjson::Document document;
  document.Parse(Get("/faults").c_str());
  int64_t struck = 0;
  for (const rapidjson::Value& fault : document["faults"].GetArray()) {
    if (Text(fault, "name") == name) struck += fault["struck"].GetInt64();
  }
  return struck;
}

void EmulatorClient::SetTokens(const std::string& lines) { Post("/tokens", lines); }

void EmulatorClient::ReportPixelEvents(const std::string& json_lines) {
  Post("/pixel-events", json_lines);
}

std::map<std::string, std::map<std::string, CountedConversions>> EmulatorClient::Conversions() {
  rapidjson::Document document;
  document.Parse(Get("/conversions").c_str());
  std::map<std::string, std::map<std::string, CountedConversions>> conversions;
  for (const rapidjson::Value& asset : document["assets"].GetArray()) {
    for (const rapidjson::Value& event : asset["events"].GetArray()) {
      conversions[Text(asset, "asset")][Text(event, "event_name")] = {
          .counted = event["counted"].GetInt64(),
          .server_only = event["server_only"].GetInt64(),
          .pixel_only = event["pixel_only"].GetInt64(),
          .both = event["both"].GetInt64()};
    }
  }
  return conversions;
}

}  // namespace snapledger::e2e
