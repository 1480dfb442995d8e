#include "tests/e2e/http_text.h"

#include <httplib.h>
#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>

#include <fstream>

namespace snapledger::e2e {

std::string HttpText(const std::string& ready_file, const std::string& path) {
  std::ifstream file(ready_file);
  rapidjson::IStreamWrapper stream(file);
  rapidjson::Document ready;
  ready.ParseStream(stream);
  if (ready.HasParseError() || !ready.IsObject() || !ready.HasMember("http")) return "";
  httplib::Client client(std::string("http://") + ready["http"].GetString());
  const httplib::Result result = client.Get(path.c_str());
  return result ? result->body : "";
}

}  // namespace snapledger::e2e
