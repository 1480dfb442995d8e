#include "services/app/serve_rules.h"

#include <arpa/inet.h>

#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"

namespace snapledger::app {
namespace {

constexpr int kPortMax = 65535;

std::string HostOf(std::string_view host_and_port) {
  std::string host(host_and_port.substr(0, host_and_port.rfind(':')));
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return host;
}

absl::Status CheckAddress(std::string_view flag, std::string_view address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  const bool readable = colon != std::string_view::npos && colon > 0 &&
                        absl::SimpleAtoi(base::AsAbsl(address.substr(colon + 1)), &port) &&
                        port >= 0 && port <= kPortMax;
  if (readable) return absl::OkStatus();
  return absl::InvalidArgumentError(
      base::Concat(flag, " must be HOST:PORT, not \"", address, "\""));
}

// Tokens travel only encrypted, whoever the other side is.
absl::Status CheckSnap(const Config& config) {
  if (!absl::StartsWith(config.snap_url, "https://") || config.snap_url.size() <= 8) {
    return absl::InvalidArgumentError("--snap-url must be https://HOST[:PORT]");
  }
  if (!config.snap_quality_url.empty() && (!absl::StartsWith(config.snap_quality_url, "https://") ||
                                           config.snap_quality_url.size() <= 8)) {
    return absl::InvalidArgumentError("--snap-quality-url must be https://HOST[:PORT], or empty");
  }
  SNAPLEDGER_RETURN_IF_ERROR(QualityInterval(config).status());
  if (!config.snap_ca.empty() && !std::ifstream(config.snap_ca).good()) {
    return absl::InvalidArgumentError(
        base::Concat("--snap-ca: the file ", config.snap_ca, " cannot be read"));
  }
  return absl::OkStatus();
}

absl::Status CheckLoopback(std::string_view flag, std::string_view address) {
  if (IsLoopback(address)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      base::Concat("--insecure is refused: ", flag, " ", address,
                   " is not a loopback address, and without TLS everybody who reaches it would be "
                   "an administrator; listen on 127.0.0.1 or [::1]"));
}

}  // namespace

absl::StatusOr<absl::Duration> QualityInterval(const Config& config) {
  absl::Duration interval;
  if (absl::ParseDuration(config.snap_quality_interval, &interval) &&
      interval >= absl::Seconds(1) && interval < absl::InfiniteDuration()) {
    return interval;
  }
  return absl::InvalidArgumentError(
      "--snap-quality-interval must be a duration of a second or more, e.g. 90s, 15m or 1h");
}

bool FetchesQuality(const Config& config) {
  const Config defaults;
  const bool other_snap = config.snap_url != defaults.snap_url;
  return !config.snap_quality_url.empty() &&
         !(other_snap && config.snap_quality_url == defaults.snap_quality_url);
}

bool IsLoopback(std::string_view host_and_port) {
  const std::string host = HostOf(host_and_port);
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

absl::Status CheckServeRules(const Config& config) {
  SNAPLEDGER_RETURN_IF_ERROR(CheckAddress("--listen", config.listen));
  if (!config.http_listen.empty()) {
    SNAPLEDGER_RETURN_IF_ERROR(CheckAddress("--http-listen", config.http_listen));
  }
  SNAPLEDGER_RETURN_IF_ERROR(CheckSnap(config));
  SNAPLEDGER_RETURN_IF_ERROR(ReceiptInterval(config).status());
  SNAPLEDGER_RETURN_IF_ERROR(IdentityFilterBytes(config).status());
  const bool tls =
      !config.tls_cert.empty() || !config.tls_key.empty() || !config.tls_client_ca.empty();
  if (tls) {
    return absl::InvalidArgumentError(
        "--tls-cert, --tls-key and --tls-client-ca: this release does not serve TLS yet; it comes "
        "with callers and their permissions. Until then use --insecure on a loopback address");
  }
  if (!config.insecure) {
    return absl::InvalidArgumentError(
        "serve refuses to start without --insecure: this release has neither TLS nor callers with "
        "permissions yet, so everybody who reaches the port would be an administrator. With "
        "--insecure it serves on loopback addresses only");
  }
  SNAPLEDGER_RETURN_IF_ERROR(CheckLoopback("--listen", config.listen));
  if (config.http_listen.empty()) return absl::OkStatus();
  return CheckLoopback("--http-listen", config.http_listen);
}

}  // namespace snapledger::app
