// What an app event needs, seen through Prepare.

#include <gtest/gtest.h>

#include "tests/services/event/example_event.h"
#include "tests/services/event/finding_matchers.h"

namespace snapledger::event {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

PreparedEvent WithApp(const RawAppData& app) {
  RawEvent raw = ExampleAppOpen();
  raw.app_data = app;
  return Prepare(raw, AppPolicy());
}

RawAppData App() { return ExampleAppOpen().app_data; }

TEST(PrepareAppData, PadsExtinfo) {
  const PreparedEvent prepared = WithApp(App());
  EXPECT_THAT(prepared.violations, IsEmpty());
  EXPECT_THAT(prepared.warnings, IsEmpty());
  EXPECT_EQ(prepared.event.app_data->extinfo[4], "17.2");
  EXPECT_EQ(prepared.event.app_data->extinfo[15], "");
  EXPECT_TRUE(prepared.event.app_data->advertiser_tracking_enabled);
}

TEST(PrepareAppData, RefusesMoreThan16Slots) {
  RawAppData app = App();
  app.extinfo.resize(17);
  EXPECT_THAT(WithApp(app).violations, ElementsAre(Finding("app_data.extinfo", Reason::kTooLong)));
}

TEST(PrepareAppData, WarnsOfMissingSlots) {
  RawAppData app = App();
  app.extinfo = {};
  EXPECT_THAT(WithApp(app).warnings, ElementsAre(Finding("app_data.extinfo", Reason::kIncomplete)));
  app.extinfo = {"", "com.x"};
  EXPECT_THAT(WithApp(app).warnings,
              UnorderedElementsAre(Finding("app_data.extinfo[0]", Reason::kIncomplete),
                                   Finding("app_data.extinfo[4]", Reason::kIncomplete)));
}

TEST(PrepareAppData, WarnsOfOddSlots) {
  RawAppData app = App();
  app.extinfo = {"w2", "", "", "", "1", "", "", "", "", "10.5", "1080", "2.00", "x", "", "8"};
  EXPECT_THAT(WithApp(app).warnings,
              UnorderedElementsAre(Finding("app_data.extinfo[0]", Reason::kUnknownValue),
                                   Finding("app_data.extinfo[9]", Reason::kMalformed),
                                   Finding("app_data.extinfo[12]", Reason::kMalformed)));
}

TEST(PrepareAppData, AnIosAppIsNamedByDigits) {
  RawAppData app = App();
  app.app_id = "com.x";
  EXPECT_THAT(WithApp(app).warnings, ElementsAre(Finding("app_data.app_id", Reason::kMalformed)));
  app.extinfo[0] = "a2";
  EXPECT_THAT(WithApp(app).warnings, IsEmpty());
}

TEST(PrepareAppData, NeedsTheAppId) {
  RawAppData app = App();
  app.app_id = " ";
  EXPECT_THAT(WithApp(app).violations, ElementsAre(Finding("app_data.app_id", Reason::kRequired)));
  RawEvent raw = ExampleAppOpen();
  raw.has_app_data = false;
  raw.app_data = {};
  EXPECT_THAT(Prepare(raw, AppPolicy()).violations,
              ElementsAre(Finding("app_data.app_id", Reason::kRequired)));
}

TEST(PrepareAppData, ReadsTheFlags) {
  RawAppData app = App();
  app.advertiser_tracking_enabled = 0;
  EXPECT_FALSE(WithApp(app).event.app_data->advertiser_tracking_enabled);
  EXPECT_FALSE(WithApp(app).event.app_data->application_tracking_enabled.has_value());
  app.application_tracking_enabled = 1;
  EXPECT_EQ(WithApp(app).event.app_data->application_tracking_enabled, false);
  app.advertiser_tracking_enabled = 3;
  app.application_tracking_enabled = -1;
  EXPECT_THAT(WithApp(app).violations,
              UnorderedElementsAre(
                  Finding("app_data.advertiser_tracking_enabled", Reason::kUnknownValue),
                  Finding("app_data.application_tracking_enabled", Reason::kUnknownValue)));
}

TEST(PrepareAppData, IsLeftOutOffTheApp) {
  RawEvent raw = ExamplePurchase();
  raw.has_app_data = true;
  raw.app_data = App();
  const PreparedEvent prepared = Prepare(raw, PixelPolicy());
  EXPECT_FALSE(prepared.event.app_data.has_value());
  EXPECT_THAT(prepared.warnings, ElementsAre(Finding("app_data", Reason::kUnknownValue)));
}

}  // namespace
}  // namespace snapledger::event
