#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace snapledger::e2e {

// One /events request of the emulator's journal.
struct JournalRequest {
  int64_t number = 0;
  double time = 0;  // epoch seconds
  std::string asset, token_sha256, body_sha256, fault;
  int status = 0;
  bool complete = false;
  bool valid = false;
};

// One event of such a request.
struct JournalEvent {
  int64_t request = 0;
  std::string asset, event_id, event_sha256;
  bool accepted = false;
  bool counted = false;
  std::string event_json;
};

struct Journal {
  int validations = 0;  // requests to /events/validate
  std::vector<JournalRequest> requests;
  std::vector<JournalEvent> events;
};

// Reads what a journal holds of /events so far.
Journal ReadJournal(const std::string& file);

// How often the conversions of one asset and event name were counted, and from where.
struct CountedConversions {
  int64_t counted = 0, server_only = 0, pixel_only = 0, both = 0;
};

// Talks to the emulator's admin address. Every call throws std::runtime_error where it fails.
class EmulatorClient {
 public:
  explicit EmulatorClient(std::string admin_url) : admin_url_(std::move(admin_url)) {}

  // Replaces the faults: a JSON object with the list `faults`.
  void SetFaults(const std::string& faults_json);
  // How often the faults in force of this name have struck, together.
  int64_t FaultsStruck(const std::string& name);
  // Only these tokens are taken from now on: lines `asset token`.
  void SetTokens(const std::string& lines);
  // One JSON object a line.
  void ReportPixelEvents(const std::string& json_lines);
  // By asset, then event name.
  std::map<std::string, std::map<std::string, CountedConversions>> Conversions();

 private:
  std::string Get(const std::string& path);
  std::string Post(const std::string& path, const std::string& body);

  const std::string admin_url_;
};

}  // namespace snapledger::e2e
