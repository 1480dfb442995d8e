#include "services/app/serve_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_certificate.h"

namespace snapledger::app {
namespace {

using support::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

Config Insecure() {
  Config config;
  config.insecure = true;
  return config;
}

TEST(ServeRulesTest, ClosedByDefault) {
  EXPECT_THAT(CheckServeRules({}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("without --insecure")));
}

TEST(ServeRulesTest, InsecureServesOnLoopback) { EXPECT_OK(CheckServeRules(Insecure())); }

TEST(ServeRulesTest, InsecureIsRefusedElsewhere) {
  for (const char* const address : {"0.0.0.0:1", "[::]:1", "192.0.2.1:1", "example.org:1"}) {
    Config config = Insecure();
    config.listen = address;
    EXPECT_THAT(CheckServeRules(config),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--listen")))
        << address;
    config = Insecure();
    config.http_listen = address;
    EXPECT_THAT(CheckServeRules(config),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--http-listen")))
        << address;
  }
}

TEST(ServeRulesTest, HttpCanBeOff) {
  Config config = Insecure();
  config.http_listen = "";
  EXPECT_OK(CheckServeRules(config));
}

TEST(ServeRulesTest, TlsIsNotServedYet) {
  Config config = Insecure();
  config.tls_cert = "cert.pem";
  EXPECT_THAT(CheckServeRules(config),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("TLS")));
}

TEST(ServeRulesTest, AddressNeedsAPort) {
  for (const char* const address : {"127.0.0.1", ":1", "127.0.0.1:x", "127.0.0.1:70000", ""}) {
    Config config = Insecure();
    config.listen = address;
    EXPECT_THAT(CheckServeRules(config), StatusIs(absl::StatusCode::kInvalidArgument)) << address;
  }
}

TEST(ServeRulesTest, APortOutOfRangeIsSaidToBe) {
  Config config = Insecure();
  for (const char* const port : {"65536", "99999", "99999999999"}) {
    config.listen = std::string("127.0.0.1:") + port;
    EXPECT_THAT(CheckServeRules(config),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(port), HasSubstr("out of range"), HasSubstr("65535"))));
  }
  config.listen = "127.0.0.1:65535";
  EXPECT_OK(CheckServeRules(config));
}

TEST(ServeRulesTest, AnAuthorityOfSnapIsACertificate) {
  const support::TestCertificate certificate("127.0.0.1");
  Config config = Insecure();
  config.snap_ca = certificate.file();
  EXPECT_OK(CheckServeRules(config));
  const support::TemporaryFolder folder;
  const std::string other = folder.path() + "/other.pem";
  for (const char* const text :
       {"", "no certificate\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    std::ofstream(other, std::ios::trunc) << text;
    config.snap_ca = other;
    EXPECT_THAT(CheckServeRules(config),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr("--snap-ca"), HasSubstr(other), HasSubstr("PEM"))))
        << text;
  }
  config.snap_ca = folder.path() + "/none.pem";
  EXPECT_THAT(CheckServeRules(config),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cannot be read")));
}

TEST(LoopbackTest, KnowsItsAddresses) {
  for (const char* const address : {"127.0.0.1:0", "127.9.9.9:1", "localhost:1", "[::1]:1"}) {
    EXPECT_TRUE(IsLoopback(address)) << address;
  }
  for (const char* const address : {"128.0.0.1:0", "localhost.example:1", "127.0.0.1.example:1"}) {
    EXPECT_FALSE(IsLoopback(address)) << address;
  }
}

}  // namespace
}  // namespace snapledger::app
