#include "services/app/serve_rules.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
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
  const std::string_view port_text =
      colon == std::string_view::npos || colon == 0 ? "" : address.substr(colon + 1);
  const bool readable =
      !port_text.empty() && std::all_of(port_text.begin(), port_text.end(), absl::ascii_isdigit);
  if (!readable) {
    return absl::InvalidArgumentError(
        base::Concat(flag, " must be HOST:PORT, not \"", address, "\""));
  }
  int port = 0;
  if (absl::SimpleAtoi(base::AsAbsl(port_text), &port) && port <= kPortMax) return absl::OkStatus();
  return absl::InvalidArgumentError(base::Concat(flag, ": the port ", port_text,
                                                 " is out of range: it must be from 0 to ",
                                                 kPortMax, ", 0 picks one"));
}

// As the client that is to trust it reads it.
bool HoldsCertificate(const std::string& path) {
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(),
                                                                      &X509_STORE_free);
  const bool read = X509_STORE_load_locations(store.get(), path.c_str(), nullptr) == 1;
  ERR_clear_error();
  if (!read) return false;
  const STACK_OF(X509_OBJECT)* const objects = X509_STORE_get0_objects(store.get());
  for (int i = 0; i < sk_X509_OBJECT_num(objects); ++i) {
    if (X509_OBJECT_get_type(sk_X509_OBJECT_value(objects, i)) == X509_LU_X509) return true;
  }
  return false;
}

absl::Status CheckSnapCa(const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  if (!std::ifstream(path).good()) {
    return absl::InvalidArgumentError(
        base::Concat("--snap-ca: the file ", path, " cannot be read"));
  }
  if (HoldsCertificate(path)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      base::Concat("--snap-ca: the file ", path,
                   " is not a list of PEM certificates; name one with the certificate of the "
                   "authority (-----BEGIN CERTIFICATE-----)"));
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
  return CheckSnapCa(config.snap_ca);
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
