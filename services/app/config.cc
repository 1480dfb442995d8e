#include "services/app/config.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "services/app/nearest_name.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"

namespace snapledger::app {
namespace {

constexpr char kConfigName[] = "config";

// The lag that is allowed for is one interval, at both ends of an hour.
constexpr absl::Duration kReceiptIntervalMin = absl::Seconds(1);
constexpr uint32_t kIdentityFilterMibMax = 1 << 20;
constexpr absl::Duration kReceiptIntervalMax = absl::Minutes(20);

constexpr Setting kSettings[] = {
    {"roles", "ingest|query|dispatch|maintenance", "what this process does, with commas between",
     &Config::roles},
    {"listen", "HOST:PORT", "where gRPC is served; port 0 picks one", &Config::listen},
    {"http-listen", "HOST:PORT", "where /metrics and /healthz are served; empty: nowhere",
     &Config::http_listen},
    {"database", "URL",
     "postgresql://… or embedded:DIR, a private PostgreSQL the program runs itself",
     &Config::database},
    {"unprepared-statements", "", "for a database proxy that pools by transaction", nullptr,
     &Config::unprepared_statements},
    {"snap-url", "URL", "base of Snap's Conversions API", &Config::snap_url},
    {"snap-ca", "FILE", "one more certificate authority for it, PEM", &Config::snap_ca},
    {"snap-quality-url", "URL", "base of Snap's quality scores; empty: they are not fetched",
     &Config::snap_quality_url},
    {"snap-quality-interval", "DURATION", "how often quality scores are fetched, 1s or more",
     &Config::snap_quality_interval},
    {"receipt-interval", "DURATION",
     "how often Snap is asked, for each destination, how many events it received; 0: never",
     &Config::receipt_interval},
    {"identity-filter-mib", "NUMBER",
     "memory for recognising the event ids of the last 98 days, up to 3 MiB for a day and for each "
     "million; beyond it intake is slower",
     &Config::identity_filter_mib},
    {"key-file", "FILE", "the key-encryption keys; with embedded: made on first use, else required",
     &Config::key_file, nullptr, "embedded: keys beside its directory"},
    {"tls-cert", "FILE", "certificate chain of the service, PEM", &Config::tls_cert},
    {"tls-key", "FILE", "its private key, PEM", &Config::tls_key},
    {"tls-client-ca", "FILE", "certificate authority of callers: mutual TLS",
     &Config::tls_client_ca},
    {"insecure", "",
     "no TLS: plaintext; a service then takes every caller for an administrator, on loopback only",
     nullptr, &Config::insecure},
    {"ready-file", "FILE", "written once serving: addresses and process id as JSON",
     &Config::ready_file},
    {"log-level", "debug|info|warning|error", "the least that is logged", &Config::log_level},
    {"server", "HOST:PORT", "the service to call", &Config::server},
    {"ca", "FILE", "certificate authority of the service, PEM", &Config::ca},
    {"cert", "FILE", "certificate of this caller, PEM", &Config::cert},
    {"key", "FILE", "its private key, PEM", &Config::key},
    {"caller-token-file", "FILE", "holds the token of this caller", &Config::caller_token_file},
};

std::vector<std::string> KnownNames() {
  std::vector<std::string> names;
  for (const Setting& setting : kSettings) names.emplace_back(setting.name);
  return names;
}

absl::StatusOr<bool> ReadSwitch(std::string_view source, const std::string& text) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower == "true" || lower == "1" || lower == "yes") return true;
  if (lower == "false" || lower == "0" || lower == "no" || lower.empty()) return false;
  return absl::InvalidArgumentError(base::Concat(source, " must be true or false"));
}

absl::Status Assign(const Setting& setting, std::string_view source, const std::string& value,
                    Config* config) {
  if (setting.text != nullptr) {
    config->*setting.text = value;
    return absl::OkStatus();
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(config->*setting.yes, ReadSwitch(source, value));
  return absl::OkStatus();
}

absl::Status CheckKeys(const GivenValues& file) {
  const std::vector<std::string> known = KnownNames();
  for (const auto& [key, value] : file) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string nearest = NearestName(key, known);
    return absl::InvalidArgumentError(base::Concat(
        "unknown key \"", key, "\" in the configuration file; ",
        nearest.empty() ? "its keys are the flags without the dashes, see `snapledger serve --help`"
                        : base::Concat("the nearest known key is \"", nearest, "\"")));
  }
  return absl::OkStatus();
}

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace

std::span<const Setting> Settings() { return kSettings; }

absl::StatusOr<std::optional<absl::Duration>> ReceiptInterval(const Config& config) {
  absl::Duration interval;
  const bool read = absl::ParseDuration(config.receipt_interval, &interval);
  if (read && interval == absl::ZeroDuration()) return std::nullopt;
  if (!read || interval < kReceiptIntervalMin || interval > kReceiptIntervalMax) {
    return absl::InvalidArgumentError(
        "--receipt-interval must be 0, or a duration from 1s to 20m such as 5m");
  }
  return interval;
}

absl::StatusOr<size_t> IdentityFilterBytes(const Config& config) {
  uint32_t mebibytes = 0;
  if (!absl::SimpleAtoi(config.identity_filter_mib, &mebibytes) ||
      mebibytes > kIdentityFilterMibMax) {
    return absl::InvalidArgumentError(
        "--identity-filter-mib must be a whole number from 0 to 1048576, in MiB");
  }
  return size_t{mebibytes} << 20;
}

std::string EnvironmentName(std::string_view setting_name) {
  return "SNAPLEDGER_" +
         absl::StrReplaceAll(absl::AsciiStrToUpper(base::AsAbsl(setting_name)), {{"-", "_"}});
}

absl::StatusOr<Config> ResolveConfig(const GivenValues& flags, const Environment& environment,
                                     const GivenValues& file) {
  SNAPLEDGER_RETURN_IF_ERROR(CheckKeys(file));
  Config config;
  for (const Setting& setting : kSettings) {
    const std::string name(setting.name);
    if (const auto flag = flags.find(name); flag != flags.end()) {
      SNAPLEDGER_RETURN_IF_ERROR(Assign(setting, "--" + name, flag->second, &config));
    } else if (const auto value = environment(EnvironmentName(name)); value) {
      SNAPLEDGER_RETURN_IF_ERROR(Assign(setting, EnvironmentName(name), *value, &config));
    } else if (const auto key = file.find(name); key != file.end()) {
      SNAPLEDGER_RETURN_IF_ERROR(Assign(setting, "the key " + name, key->second, &config));
    }
  }
  return config;
}

absl::StatusOr<Config> LoadConfig(const GivenValues& flags) {
  std::optional<std::string> path;
  if (const auto flag = flags.find(kConfigName); flag != flags.end()) {
    path = flag->second;
  } else {
    path = ProcessEnvironment(EnvironmentName(kConfigName));
  }
  GivenValues file;
  if (path && !path->empty()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(file, ReadConfigFile(*path));
  }
  return ResolveConfig(flags, ProcessEnvironment, file);
}

}  // namespace snapledger::app
