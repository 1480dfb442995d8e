#include "services/app/serve_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace snapledger::app {
namespace {

using support::StatusIs;
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
