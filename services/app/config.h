#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace snapledger::app {

// What the program is told: by flag, by environment (SNAPLEDGER_<FLAG>) or by a TOML file, the
// first of them that speaks. docs/configuration.md describes each.
struct Config {
  std::string roles = "ingest,query,dispatch,maintenance";
  std::string listen = "127.0.0.1:50051";
  std::string http_listen = "127.0.0.1:9464";
  std::string database = "embedded:./var/postgres";
  bool unprepared_statements = false;
  std::string snap_url = "https://tr.snapchat.com";
  std::string snap_ca;
  std::string snap_quality_url = "https://adsapi.snapchat.com";
  std::string receipt_interval = "5m";
  std::string identity_filter_mib = "1024";
  std::string snap_quality_interval = "1h";
  std::string key_file;
  std::string tls_cert, tls_key, tls_client_ca;
  bool insecure = false;
  std::string ready_file;
  std::string log_level = "info";

  std::string server = "127.0.0.1:50051";
  std::string ca, cert, key;
  std::string caller_token_file;
};

// One flag: its name is also the key in a file and, in upper case with underscores, the environment
// variable behind SNAPLEDGER_. Either `text` or `yes` is set.
struct Setting {
  std::string_view name;
  std::string_view value_name;  // of a text, for help; words between bars are all it takes
  std::string_view help;
  std::string Config::*text = nullptr;
  bool Config::*yes = nullptr;
  std::string_view without = "none";  // what an empty default means, for help
};

std::span<const Setting> Settings();

// How often Snap is asked what it received; nullopt: never. INVALID_ARGUMENT.
absl::StatusOr<std::optional<absl::Duration>> ReceiptInterval(const Config& config);

// The most memory the filters of closed identity partitions may take. INVALID_ARGUMENT.
absl::StatusOr<size_t> IdentityFilterBytes(const Config& config);

// The values flags were given, by name; a switch holds "true" or "false".
using GivenValues = std::map<std::string, std::string>;
// The value of an environment variable; nullopt where it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// SNAPLEDGER_HTTP_LISTEN for http-listen.
std::string EnvironmentName(std::string_view setting_name);

// Puts the three sources together; `file` holds the keys of --config. INVALID_ARGUMENT names the
// source and the value that cannot be read, and for an unknown key the nearest known one.
absl::StatusOr<Config> ResolveConfig(const GivenValues& flags, const Environment& environment,
                                     const GivenValues& file);

// The keys of a TOML file: strings, booleans, and arrays of strings (joined with commas).
// INVALID_ARGUMENT naming the place, or why the file cannot be read.
absl::StatusOr<GivenValues> ReadConfigFile(const std::string& path);

// ResolveConfig with the process's environment and, where --config or SNAPLEDGER_CONFIG names one,
// the file.
absl::StatusOr<Config> LoadConfig(const GivenValues& flags);

}  // namespace snapledger::app
