#include "tests/services/emulator/harness.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/base/check.h"

namespace snapledger::emulator {
namespace {

size_t OnBody(char* data, size_t size, size_t count, void* reply) {
  static_cast<Reply*>(reply)->body.append(data, size * count);
  return size * count;
}

size_t OnHeader(char* data, size_t size, size_t count, void* reply) {
  const absl::string_view line(data, size * count);
  const size_t colon = line.find(':');
  if (colon != absl::string_view::npos) {
    static_cast<Reply*>(reply)->headers[absl::AsciiStrToLower(line.substr(0, colon))] =
        std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return size * count;
}

}  // namespace

Client::Client(std::string ca_pem) : curl_(curl_easy_init()), ca_pem_(std::move(ca_pem)) {
  SNAPLEDGER_CHECK(curl_ != nullptr);
}

Client::~Client() { curl_easy_cleanup(curl_); }

Reply Client::Get(const std::string& url, const std::vector<std::string>& headers) {
  curl_easy_reset(curl_);
  return Perform(url, headers);
}

Reply Client::Post(const std::string& url, const std::string& body,
                   const std::vector<std::string>& headers) {
  curl_easy_reset(curl_);
  curl_easy_setopt(curl_, CURLOPT_POST, 1L);
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  return Perform(url, headers);
}

Reply Client::Perform(const std::string& url, const std::vector<std::string>& headers) {
  Reply reply;
  curl_slist* list = nullptr;
  for (const std::string& header : headers) list = curl_slist_append(list, header.c_str());
  curl_blob ca{const_cast<char*>(ca_pem_.data()), ca_pem_.size(), CURL_BLOB_COPY};
  if (!ca_pem_.empty()) curl_easy_setopt(curl_, CURLOPT_CAINFO_BLOB, &ca);
  curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl_, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &reply);
  curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &reply);
  curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, timeout_ms_);
  reply.code = curl_easy_perform(curl_);
  long status = 0;
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(curl_, CURLINFO_NUM_CONNECTS, &reply.connects);
  reply.status = static_cast<int>(status);
  curl_slist_free_all(list);
  return reply;
}

EmulatorTest::EmulatorTest() {
  std::string pattern = testing::TempDir() + "/emulator_test.XXXXXX";
  SNAPLEDGER_CHECK(mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  options_.journal_file = FilePath("journal");
}

EmulatorTest::~EmulatorTest() {
  client_.reset();
  emulator_.reset();
  std::filesystem::remove_all(folder_);
}

void EmulatorTest::Start() {
  auto emulator = Emulator::Start(options_);
  ASSERT_TRUE(emulator.ok()) << emulator.status().message();
  emulator_ = *std::move(emulator);
  client_ = std::make_unique<Client>(emulator_->ca_pem());
}

std::string EmulatorTest::EventsUrl(absl::string_view asset, absl::string_view token) const {
  return absl::StrCat(emulator_->url(), "/v3/", asset, "/events?access_token=", token);
}

std::string EmulatorTest::ValidateUrl() const {
  return absl::StrCat(emulator_->url(), "/v3/px/events/validate?access_token=t");
}

Reply EmulatorTest::SendEvents(const std::vector<std::string>& events) {
  return client_->Post(EventsUrl(), Batch(events));
}

void EmulatorTest::SetFaults(const std::string& json) {
  Client admin;
  const Reply reply = admin.Post(emulator_->admin_url() + "/faults", json);
  ASSERT_EQ(reply.status, 200) << reply.body;
}

std::string EmulatorTest::Admin(const std::string& path) {
  Client admin;
  return admin.Get(emulator_->admin_url() + path).body;
}

std::string EmulatorTest::JournalText() const { return FileText(options_.journal_file); }

std::vector<rapidjson::Document> EmulatorTest::Journal(absl::string_view kind) const {
  std::vector<rapidjson::Document> lines;
  std::string text = JournalText();
  // A line that is being written may not be whole yet.
  text.resize(text.rfind('\n') + 1);
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    rapidjson::Document document = ParseBody(std::string(line));
    if (kind == document["kind"].GetString()) lines.push_back(std::move(document));
  }
  return lines;
}

std::string LiveEvent(const std::string& event_id, const std::vector<Edit>& edits) {
  std::vector<Edit> all = {{"/event_id", absl::StrCat("\"", event_id, "\"")},
                           {"/custom_data/order_id", absl::StrCat("\"order ", event_id, "\"")}};
  all.insert(all.end(), edits.begin(), edits.end());
  return WebEvent(all, absl::Now());
}

std::string FileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

void WriteText(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
}

rapidjson::Document ParseBody(const std::string& body) {
  rapidjson::Document document;
  document.Parse(body.data(), body.size());
  EXPECT_FALSE(document.HasParseError()) << body;
  return document;
}

}  // namespace snapledger::emulator
