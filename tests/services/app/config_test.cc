#include "services/app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/status_matchers.h"

namespace snapledger::app {
namespace {

using support::IsOkAndHolds;
using support::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// An environment of these variables alone.
Environment Only(GivenValues variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

TEST(ConfigTest, DefaultsAreThoseOfTheReference) {
  ASSERT_OK_AND_ASSIGN(const Config config, ResolveConfig({}, Only({}), {}));
  EXPECT_EQ(config.listen, "127.0.0.1:50051");
  EXPECT_EQ(config.http_listen, "127.0.0.1:9464");
  EXPECT_EQ(config.database, "embedded:./var/postgres");
  EXPECT_EQ(config.snap_url, "https://tr.snapchat.com");
  EXPECT_EQ(config.roles, "ingest,query,dispatch,maintenance");
  EXPECT_FALSE(config.insecure);
}

TEST(ConfigTest, FlagBeatsEnvironmentBeatsFile) {
  const GivenValues file = {{"listen", "file:1"}, {"snap-url", "file"}, {"snap-ca", "file"}};
  const Environment environment =
      Only({{"SNAPLEDGER_LISTEN", "environment:1"}, {"SNAPLEDGER_SNAP_URL", "environment"}});
  ASSERT_OK_AND_ASSIGN(const Config config,
                       ResolveConfig({{"listen", "flag:1"}}, environment, file));
  EXPECT_EQ(config.listen, "flag:1");
  EXPECT_EQ(config.snap_url, "environment");
  EXPECT_EQ(config.snap_ca, "file");
}

TEST(ConfigTest, EmptyTextIsAValue) {
  ASSERT_OK_AND_ASSIGN(const Config config, ResolveConfig({{"http-listen", ""}}, Only({}), {}));
  EXPECT_EQ(config.http_listen, "");
}

TEST(ConfigTest, SwitchesReadYesAndNo) {
  ASSERT_OK_AND_ASSIGN(Config config, ResolveConfig({}, Only({{"SNAPLEDGER_INSECURE", "1"}}), {}));
  EXPECT_TRUE(config.insecure);
  ASSERT_OK_AND_ASSIGN(
      config, ResolveConfig({{"insecure", "false"}}, Only({{"SNAPLEDGER_INSECURE", "1"}}), {}));
  EXPECT_FALSE(config.insecure);
  EXPECT_THAT(ResolveConfig({}, Only({{"SNAPLEDGER_INSECURE", "perhaps"}}), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("SNAPLEDGER_INSECURE")));
}

TEST(ConfigTest, UnknownKeyNamesTheNearest) {
  EXPECT_THAT(ResolveConfig({}, Only({}), {{"http_listn", "x"}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("\"http_listn\""), HasSubstr("\"http-listen\""))));
}

TEST(ConfigTest, AKeyFarFromEveryOtherIsUnknownWithoutAGuess) {
  EXPECT_THAT(ResolveConfig({}, Only({}), {{"colour", "x"}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("\"colour\""), Not(HasSubstr("nearest")))));
}

TEST(ConfigTest, TheReceiptIntervalHasBounds) {
  Config config;
  EXPECT_THAT(ReceiptInterval(config), IsOkAndHolds(absl::Minutes(5)));
  config.receipt_interval = "0";
  EXPECT_THAT(ReceiptInterval(config), IsOkAndHolds(std::nullopt));
  for (const char* const wrong : {"", "soon", "-5m", "999ms", "21m", "inf", "5"}) {
    config.receipt_interval = wrong;
    EXPECT_THAT(ReceiptInterval(config),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--receipt-interval")))
        << wrong;
  }
}

TEST(ConfigTest, EveryNameIsItsOwn) {
  std::set<std::string_view> names;
  for (const Setting& setting : Settings()) {
    names.insert(setting.name);
    EXPECT_NE(setting.text == nullptr, setting.yes == nullptr) << setting.name;
  }
  EXPECT_EQ(names.size(), Settings().size());
  EXPECT_EQ(EnvironmentName("tls-client-ca"), "SNAPLEDGER_TLS_CLIENT_CA");
}

TEST(ConfigTest, IdentityFilterMemoryIsAWholeNumberOfMebibytes) {
  Config config;
  EXPECT_THAT(IdentityFilterBytes(config), IsOkAndHolds(size_t{1} << 30));
  config.identity_filter_mib = "0";
  EXPECT_THAT(IdentityFilterBytes(config), IsOkAndHolds(size_t{0}));
  for (const char* const wrong : {"", "-1", "1.5", "64MiB", "1048577"}) {
    config.identity_filter_mib = wrong;
    EXPECT_THAT(IdentityFilterBytes(config),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--identity-filter-mib")))
        << wrong;
  }
}

}  // namespace
}  // namespace snapledger::app
