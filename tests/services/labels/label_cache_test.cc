#include "services/labels/label_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "tests/services/labels/fake_label_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::labels {
namespace {

using storage::LabelKind;
using support::IsOkAndHolds;
using ::testing::Eq;
using ::testing::Optional;

class LabelCacheTest : public ::testing::Test {
 protected:
  FakeLabelStore store_;
  LabelCache cache_{store_};
};

TEST_F(LabelCacheTest, AsksOnceForALabelAndKnowsBothWays) {
  ASSERT_OK_AND_ASSIGN(const int32_t number, cache_.Number(LabelKind::kSource, "shop"));
  EXPECT_THAT(cache_.Number(LabelKind::kSource, "shop"), IsOkAndHolds(number));
  EXPECT_THAT(cache_.Text(number), IsOkAndHolds("shop"));
  EXPECT_THAT(cache_.KnownNumber(LabelKind::kSource, "shop"), Optional(number));
  EXPECT_EQ(store_.question_count(), 1);
}

TEST_F(LabelCacheTest, TheSameTextOfAnotherKindIsAnotherLabel) {
  ASSERT_OK_AND_ASSIGN(const int32_t number, cache_.Number(LabelKind::kSource, "shop"));
  EXPECT_THAT(cache_.KnownNumber(LabelKind::kEventName, "shop"), Eq(std::nullopt));
  EXPECT_THAT(cache_.Number(LabelKind::kEventName, "shop"), IsOkAndHolds(::testing::Ne(number)));
}

TEST_F(LabelCacheTest, AnEmptyTextIsNumberZeroAndNoLabel) {
  EXPECT_THAT(cache_.KnownNumber(LabelKind::kSource, ""), Optional(0));
  EXPECT_THAT(cache_.Number(LabelKind::kSource, ""), IsOkAndHolds(0));
  EXPECT_THAT(cache_.Find(LabelKind::kSource, ""), IsOkAndHolds(Eq(std::nullopt)));
  EXPECT_EQ(store_.question_count(), 0);
}

TEST_F(LabelCacheTest, FindSeesLabelsThatAnotherProcessMade) {
  EXPECT_THAT(cache_.Find(LabelKind::kSource, "shop"), IsOkAndHolds(Eq(std::nullopt)));
  ASSERT_OK_AND_ASSIGN(const int32_t number, store_.FindOrInsert(LabelKind::kSource, "shop"));
  EXPECT_THAT(cache_.Find(LabelKind::kSource, "shop"), IsOkAndHolds(Optional(number)));
}

TEST_F(LabelCacheTest, AFullStoreIsNotAskedAboutEveryText) {
  store_.Fill();
  EXPECT_THAT(cache_.Number(LabelKind::kSource, "one"), IsOkAndHolds(0));
  EXPECT_THAT(cache_.Number(LabelKind::kSource, "two"), IsOkAndHolds(0));
  EXPECT_EQ(store_.question_count(), 1);
}

TEST_F(LabelCacheTest, WhatIsKnownIsToldWhileTheStoreIsAsked) {
  ASSERT_OK_AND_ASSIGN(const int32_t number, cache_.Number(LabelKind::kSource, "shop"));
  absl::Notification asked, go_on;
  store_.before_insert = [&](std::string_view) {
    asked.Notify();
    go_on.WaitForNotification();
  };
  std::thread asking([this] { EXPECT_OK(cache_.Number(LabelKind::kSource, "new")); });
  asked.WaitForNotification();
  EXPECT_THAT(cache_.Number(LabelKind::kSource, "shop"), IsOkAndHolds(number));
  EXPECT_THAT(cache_.KnownNumber(LabelKind::kSource, "new"), Eq(std::nullopt));
  EXPECT_THAT(cache_.Text(number), IsOkAndHolds("shop"));
  go_on.Notify();
  asking.join();
}

}  // namespace
}  // namespace snapledger::labels
