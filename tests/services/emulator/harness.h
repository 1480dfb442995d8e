#pragma once

#include <curl/curl.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/emulator/emulator.h"
#include "tests/services/emulator/edited_event.h"

namespace snapledger::emulator {

// What a client got for one request.
struct Reply {
  CURLcode code = CURLE_OK;
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  long connects = 0;  // connections opened for it
};

// An HTTP client that keeps its connection. For one thread.
class Client {
 public:
  explicit Client(std::string ca_pem = "");
  ~Client();

  Reply Get(const std::string& url, const std::vector<std::string>& headers = {});
  Reply Post(const std::string& url, const std::string& body,
             const std::vector<std::string>& headers = {"Content-Type: application/json"});
  void set_timeout_ms(long ms) { timeout_ms_ = ms; }

 private:
  Reply Perform(const std::string& url, const std::vector<std::string>& headers);

  CURL* const curl_;
  const std::string ca_pem_;
  long timeout_ms_ = 10000;
};

// An emulator with a journal, in a folder of its own.
class EmulatorTest : public testing::Test {
 protected:
  EmulatorTest();
  ~EmulatorTest() override;

  // Called by each test, once options_ are as it wants them.
  void Start();
  void Stop() { emulator_.reset(); }

  std::string EventsUrl(absl::string_view asset = "px", absl::string_view token = "t") const;
  std::string ValidateUrl() const;
  // Sends events to /events, or replaces the faults; expects the latter to be taken.
  Reply SendEvents(const std::vector<std::string>& events);
  void SetFaults(const std::string& json);
  std::string Admin(const std::string& path);

  // The journal's lines of a kind, parsed.
  std::vector<rapidjson::Document> Journal(absl::string_view kind) const;
  std::string JournalText() const;
  std::string FilePath(const std::string& name) const { return folder_ + "/" + name; }

  Options options_;
  std::string folder_;
  std::unique_ptr<Emulator> emulator_;
  std::unique_ptr<Client> client_;
};

// Valid events for the present time.
std::string LiveEvent(const std::string& event_id, const std::vector<Edit>& edits = {});

std::string FileText(const std::string& path);
void WriteText(const std::string& path, const std::string& text);

// Expects JSON.
rapidjson::Document ParseBody(const std::string& body);

}  // namespace snapledger::emulator
