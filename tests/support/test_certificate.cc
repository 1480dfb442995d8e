#include "tests/support/test_certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "services/base/check.h"

namespace snapledger::support {
namespace {

constexpr long kVersion3 = 2;
constexpr long kLifeSeconds = 3600;

}  // namespace

TestCertificate::TestCertificate(const std::string& ip_address)
    : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
  SNAPLEDGER_CHECK(key_ != nullptr && certificate_ != nullptr);
  Sign(ip_address);
  Save();
}

TestCertificate::~TestCertificate() {
  unlink(file_.c_str());
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

void TestCertificate::Use(SSL_CTX* context) const {
  SNAPLEDGER_CHECK(SSL_CTX_use_certificate(context, certificate_) == 1);
  SNAPLEDGER_CHECK(SSL_CTX_use_PrivateKey(context, key_) == 1);
}

void TestCertificate::Sign(const std::string& ip_address) {
  X509_set_version(certificate_, kVersion3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate_), -kLifeSeconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate_), kLifeSeconds);
  X509_set_pubkey(certificate_, key_);
  X509_NAME* const name = X509_get_subject_name(certificate_);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("snapledger test"), -1, -1, 0);
  X509_set_issuer_name(certificate_, name);
  AddExtension(NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(NID_subject_alt_name, "IP:" + ip_address);
  SNAPLEDGER_CHECK(X509_sign(certificate_, key_, EVP_sha256()) > 0);
}

void TestCertificate::AddExtension(int kind, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  SNAPLEDGER_CHECK(extension != nullptr);
  SNAPLEDGER_CHECK(X509_add_ext(certificate_, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void TestCertificate::Save() {
  const char* const folder = std::getenv("TMPDIR");
  file_ = std::string(folder == nullptr ? "/tmp" : folder) + "/snapledger_test_ca.XXXXXX";
  FILE* const out = fdopen(mkstemp(file_.data()), "w");
  SNAPLEDGER_CHECK(out != nullptr);
  SNAPLEDGER_CHECK(PEM_write_X509(out, certificate_) == 1);
  SNAPLEDGER_CHECK(std::fclose(out) == 0);
}

}  // namespace snapledger::support
