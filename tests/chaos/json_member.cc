#include "tests/chaos/json_member.h"

#include <rapidjson/document.h>

#include <stdexcept>

namespace snapledger::chaos {

std::string TextMember(const std::string& json, const char* name) {
  rapidjson::Document document;
  if (document.Parse(json.c_str()).HasParseError() || !document.IsObject() ||
      !document.HasMember(name) || !document[name].IsString()) {
    throw std::runtime_error("no member " + std::string(name) + " in: " + json);
  }
  return document[name].GetString();
}

}  // namespace snapledger::chaos
