#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

#include "services/app/config.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"

namespace snapledger::app {
namespace {

absl::StatusOr<std::string> JoinTexts(const std::string& key, const toml::array& values) {
  std::string joined;
  for (const toml::node& value : values) {
    const auto text = value.value_exact<std::string>();
    if (!text) {
      return absl::InvalidArgumentError(base::Concat("the key ", key, " holds more than texts"));
    }
    if (!joined.empty()) joined += ',';
    joined += *text;
  }
  return joined;
}

absl::StatusOr<std::string> TextOf(const std::string& key, const toml::node& value) {
  if (const auto text = value.value_exact<std::string>()) return *text;
  if (const auto yes = value.value_exact<bool>()) return *yes ? "true" : "false";
  if (const toml::array* const values = value.as_array()) return JoinTexts(key, *values);
  return absl::InvalidArgumentError(
      base::Concat("the key ", key, " must be a text, true or false, or a list of texts"));
}

absl::StatusOr<GivenValues> ValuesOf(const toml::table& table) {
  GivenValues values;
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    SNAPLEDGER_ASSIGN_OR_RETURN(values[name], TextOf(name, value));
  }
  return values;
}

// Empty where the file can be read.
std::string WhyUnreadable(const std::string& path) {
  if (access(path.c_str(), R_OK) != 0) return std::generic_category().message(errno);
  std::error_code unreadable;
  return std::filesystem::is_directory(path, unreadable) ? "it is a folder" : "";
}

}  // namespace

absl::StatusOr<GivenValues> ReadConfigFile(const std::string& path) {
  if (const std::string why = WhyUnreadable(path); !why.empty()) {
    return absl::InvalidArgumentError(
        base::Concat("the configuration file ", path, " cannot be read: ", why,
                     "; --config or SNAPLEDGER_CONFIG must name a TOML file"));
  }
  const toml::parse_result parsed = toml::parse_file(path);
  if (parsed) return ValuesOf(parsed.table());
  const toml::parse_error& error = parsed.error();
  return absl::InvalidArgumentError(
      base::Concat(path, ", line ", error.source().begin.line, ": ", error.description()));
}

}  // namespace snapledger::app
