#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace snapledger::emulator {

struct SslContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextFree>;

// A certificate authority made for one run, and what it signed. Its key never leaves the process.
class Certificates {
 public:
  static absl::StatusOr<std::unique_ptr<Certificates>> Make();

  // The authority's certificate, for clients to trust.
  const std::string& ca_pem() const { return ca_pem_; }

  // Server contexts, TLS 1.2 or newer: the usual one is valid for localhost, 127.0.0.1 and ::1.
  SSL_CTX* usual() const { return usual_.get(); }
  SSL_CTX* expired() const { return expired_.get(); }
  SSL_CTX* wrong_host() const { return wrong_host_.get(); }

 private:
  Certificates() = default;

  std::string ca_pem_;
  SslContext usual_;
  SslContext expired_;
  SslContext wrong_host_;
};

}  // namespace snapledger::emulator
