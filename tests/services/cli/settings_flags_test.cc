#include "services/cli/settings_flags.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace snapledger::cli {
namespace {

using support::StatusIs;

class SettingsFlagsTest : public ::testing::Test {
 protected:
  SettingsFlagsTest() { flags_.AddTo(command_); }

  absl::Status Apply(const std::string& command_line) {
    command_.parse(command_line);
    return flags_.Apply(&settings_);
  }

  CLI::App command_;
  SettingsFlags flags_;
  v1::DestinationSettings settings_;
};

TEST_F(SettingsFlagsTest, OnlyWhatIsGivenChanges) {
  settings_.set_gzip_requests(true);
  settings_.set_max_events_per_request(7);
  ASSERT_OK(Apply("--max-requests-per-second 2.5 --dedup-window 2d"));
  EXPECT_EQ(settings_.max_requests_per_second(), 2.5);
  EXPECT_EQ(settings_.dedup_window().seconds(), 2 * 86400);
  EXPECT_TRUE(settings_.gzip_requests());
  EXPECT_EQ(settings_.max_events_per_request(), 7);
}

TEST_F(SettingsFlagsTest, AWrongWordIsToldTheRightOnes) {
  try {
    command_.parse("--unspecified-consent maybe");
    FAIL();
  } catch (const CLI::ValidationError& error) {
    EXPECT_STREQ(error.what(),
                 "--unspecified-consent: \"maybe\" is none of granted|limited|denied");
  }
}

TEST_F(SettingsFlagsTest, SwitchesGoBothWays) {
  settings_.set_gzip_requests(true);
  ASSERT_OK(Apply("--no-gzip --unspecified-consent limited --test-event-code T1"));
  EXPECT_FALSE(settings_.gzip_requests());
  EXPECT_EQ(settings_.unspecified_consent(), v1::CONSENT_LIMITED);
  EXPECT_TRUE(settings_.test_mode());
}

TEST_F(SettingsFlagsTest, EventAgesChangeOneByOne) {
  auto* age = settings_.add_max_event_ages();
  age->set_action_source(v1::ACTION_SOURCE_WEB);
  age->mutable_max_age()->set_seconds(1);
  ASSERT_OK(Apply("--max-event-age web=2d --max-event-age offline=28d"));
  ASSERT_EQ(settings_.max_event_ages_size(), 2);
  EXPECT_EQ(settings_.max_event_ages(0).max_age().seconds(), 2 * 86400);
  EXPECT_EQ(settings_.max_event_ages(1).action_source(), v1::ACTION_SOURCE_OFFLINE);
}

TEST_F(SettingsFlagsTest, UnreadableValuesAreRefused) {
  EXPECT_THAT(Apply("--request-timeout soon"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Apply("--max-event-age shop=2d"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace snapledger::cli
