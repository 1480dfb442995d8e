#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace snapledger::checker {

// Reads a file of JSON objects, one a line, and gives each to `take_line`, which may fail with a
// text that does not name the place. A last line without its end is passed over: its writer was
// killed, or writes it now. NOT_FOUND where there is no file; INVALID_ARGUMENT names file and line.
absl::Status ReadJsonLines(const std::string& path,
                           const std::function<absl::Status(const rapidjson::Value&)>& take_line);

// Members of an object; where it has none of that name and type: empty, zero, false.
std::string_view TextMember(const rapidjson::Value& object, const char* name);
int64_t IntegerMember(const rapidjson::Value& object, const char* name);
double NumberMember(const rapidjson::Value& object, const char* name);
bool YesMember(const rapidjson::Value& object, const char* name);

}  // namespace snapledger::checker
