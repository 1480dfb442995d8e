#include "services/emulator/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdint>

#include "absl/status/status.h"
#include "services/base/status_macros.h"

namespace snapledger::emulator {
namespace {

template <auto kFree>
struct Free {
  template <typename Type>
  void operator()(Type* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

constexpr long kDaySeconds = 24 * 3600;

struct Subject {
  const char* common_name;
  const char* alternative_names;  // null for the authority
  long begin_seconds;             // from now
  long end_seconds;
};

// Valid since a month ago, so that a client whose clock is put back still connects.
constexpr Subject kAuthority = {"snap-emulator CA", nullptr, -30 * kDaySeconds, 365 * kDaySeconds};
constexpr Subject kUsual = {"localhost", "DNS:localhost,IP:127.0.0.1,IP:::1", -30 * kDaySeconds,
                            365 * kDaySeconds};
constexpr Subject kExpired = {"localhost", "DNS:localhost,IP:127.0.0.1,IP:::1", -60 * kDaySeconds,
                              -30 * kDaySeconds};
constexpr Subject kWrongHost = {"elsewhere.invalid", "DNS:elsewhere.invalid", -30 * kDaySeconds,
                                365 * kDaySeconds};

bool AddExtension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool AddExtensions(const Subject& subject, X509* certificate, X509* issuer) {
  if (!AddExtension(certificate, issuer, NID_subject_key_identifier, "hash")) return false;
  if (subject.alternative_names == nullptr) {
    return AddExtension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
           AddExtension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
  }
  return AddExtension(certificate, issuer, NID_authority_key_identifier, "keyid") &&
         AddExtension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         AddExtension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
         AddExtension(certificate, issuer, NID_ext_key_usage, "serverAuth") &&
         AddExtension(certificate, issuer, NID_subject_alt_name, subject.alternative_names);
}

// Signs a certificate for `key`; the authority signs itself, with `issuer` null.
Certificate Sign(const Subject& subject, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  Certificate certificate(X509_new());
  uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), subject.begin_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), subject.end_seconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject.common_name), -1, -1,
                             0);
  X509* const signer = issuer == nullptr ? certificate.get() : issuer;
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  if (!AddExtensions(subject, certificate.get(), signer) ||
      X509_sign(certificate.get(), issuer_key, EVP_sha256()) == 0) {
    return nullptr;
  }
  return certificate;
}

SslContext ServerContext(X509* certificate, EVP_PKEY* key) {
  SslContext context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr || certificate == nullptr) return nullptr;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  const unsigned char id[] = "snap-emulator";
  SSL_CTX_set_session_id_context(context.get(), id, sizeof(id) - 1);
  if (SSL_CTX_use_certificate(context.get(), certificate) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key) != 1) {
    return nullptr;
  }
  return context;
}

std::string Pem(X509* certificate) {
  const std::unique_ptr<BIO, Free<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Certificates>> Certificates::Make() {
  const Key ca_key(EVP_EC_gen("P-256"));
  const Key server_key(EVP_EC_gen("P-256"));
  if (ca_key == nullptr || server_key == nullptr) {
    return absl::InternalError("cannot make a key for the certificate authority");
  }
  const Certificate ca = Sign(kAuthority, ca_key.get(), nullptr, ca_key.get());
  if (ca == nullptr) return absl::InternalError("cannot make the certificate authority");
  std::unique_ptr<Certificates> made(new Certificates);
  made->ca_pem_ = Pem(ca.get());
  const auto context = [&](const Subject& subject) {
    const Certificate certificate = Sign(subject, server_key.get(), ca.get(), ca_key.get());
    return ServerContext(certificate.get(), server_key.get());
  };
  made->usual_ = context(kUsual);
  made->expired_ = context(kExpired);
  made->wrong_host_ = context(kWrongHost);
  if (made->usual_ == nullptr || made->expired_ == nullptr || made->wrong_host_ == nullptr) {
    return absl::InternalError("cannot make the server certificates");
  }
  return made;
}

}  // namespace snapledger::emulator
