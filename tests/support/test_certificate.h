#pragma once

#include <openssl/ssl.h>

#include <string>

namespace snapledger::support {

// A certificate for `ip_address` that signs itself, with its key: fresh, valid for an hour. Kept as
// a file too, for a client that shall trust it.
class TestCertificate {
 public:
  explicit TestCertificate(const std::string& ip_address);
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;
  ~TestCertificate();

  const std::string& file() const { return file_; }
  void Use(SSL_CTX* context) const;

 private:
  void Sign(const std::string& ip_address);
  void AddExtension(int kind, const std::string& value);
  void Save();

  EVP_PKEY* const key_;
  X509* const certificate_;
  std::string file_;
};

}  // namespace snapledger::support
