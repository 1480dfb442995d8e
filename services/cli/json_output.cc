#include "services/cli/json_output.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/match.h"
#include "absl/time/time.h"

namespace snapledger::cli {

std::string JsonOf(const google::protobuf::Message& message, bool indented) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = indented;
  options.always_print_primitive_fields = true;
  std::string json;
  // Our messages always have a JSON form; where one has not, what was written so far is shown.
  [[maybe_unused]] const auto status =
      google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

std::string TimeText(bool present, int64_t seconds) {
  if (!present) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M:%SZ", absl::FromUnixSeconds(seconds),
                          absl::UTCTimeZone());
}

std::string ShortName(const std::string& value_name, const std::string& type_prefix) {
  return absl::StartsWith(value_name, type_prefix) ? value_name.substr(type_prefix.size())
                                                   : value_name;
}

}  // namespace snapledger::cli
