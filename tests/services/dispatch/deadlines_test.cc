#include "services/dispatch/deadlines.h"

#include <gtest/gtest.h>

namespace snapledger::dispatch {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

event::FrameHeader HeaderAged(absl::Duration age, bool purchase = false) {
  return {.event_time_seconds = absl::ToUnixSeconds(kNow - age),
          .purchase_with_order_id = purchase};
}

SendVerdict Verdict(const event::FrameHeader& header, std::optional<absl::Duration> sent_ago) {
  const storage::DestinationSettings settings;
  return MaySend(header, sent_ago.has_value(),
                 sent_ago.has_value() ? std::optional(kNow - *sent_ago) : std::nullopt, settings,
                 kNow);
}

TEST(DeadlinesTest, AFreshEventMayBeSentUntilItIsTooOld) {
  EXPECT_EQ(Verdict(HeaderAged(absl::Hours(7 * 24) - absl::Seconds(1)), std::nullopt),
            SendVerdict::kSend);
  EXPECT_EQ(Verdict(HeaderAged(absl::Hours(7 * 24)), std::nullopt), SendVerdict::kTooOld);
}

TEST(DeadlinesTest, DoubtIsSentAgainOnlyInsideTheWindowLessTheMargin) {
  const event::FrameHeader header = HeaderAged(absl::Hours(72));
  EXPECT_EQ(Verdict(header, absl::Hours(47) - absl::Seconds(1)), SendVerdict::kSend);
  EXPECT_EQ(Verdict(header, absl::Hours(47)), SendVerdict::kWindowClosed);
}

TEST(DeadlinesTest, APurchaseWithAnOrderIdHasTheLongerWindow) {
  const event::FrameHeader header = HeaderAged(absl::Hours(72), /*purchase=*/true);
  EXPECT_EQ(Verdict(header, absl::Hours(60)), SendVerdict::kSend);
}

TEST(DeadlinesTest, AnOpenWindowDoesNotMakeAnOldEventYoung) {
  EXPECT_EQ(Verdict(HeaderAged(absl::Hours(7 * 24), true), absl::Hours(1)), SendVerdict::kTooOld);
}

// An operator had it sent again.
TEST(DeadlinesTest, DoubtWithoutAFirstSendHasItsWindowBeforeIt) {
  EXPECT_EQ(MaySend(HeaderAged(absl::Hours(1)), true, std::nullopt, {}, kNow), SendVerdict::kSend);
  EXPECT_EQ(MaySend(HeaderAged(absl::Hours(7 * 24)), true, std::nullopt, {}, kNow),
            SendVerdict::kTooOld);
}

TEST(DeadlinesTest, AgesFollowTheActionSource) {
  storage::DestinationSettings settings;
  settings.max_age_offline = absl::Hours(28 * 24);
  event::FrameHeader header = HeaderAged(absl::Hours(10 * 24));
  EXPECT_EQ(MaySend(header, false, std::nullopt, settings, kNow), SendVerdict::kTooOld);
  header.action_source = event::ActionSource::kOffline;
  EXPECT_EQ(MaySend(header, false, std::nullopt, settings, kNow), SendVerdict::kSend);
}

TEST(DeadlinesTest, AWholeSliceIsOnlySentUnseenWhereEveryEventMaybeSent) {
  storage::ClaimedSlice slice = {.oldest_event_time = kNow - absl::Hours(24)};
  EXPECT_TRUE(WholeSliceMaySend(slice, {}, kNow));
  slice.doubted = true;
  EXPECT_TRUE(WholeSliceMaySend(slice, {}, kNow));
  slice.first_sent_time = kNow - absl::Hours(1);
  EXPECT_TRUE(WholeSliceMaySend(slice, {}, kNow));
  slice.first_sent_time = kNow - absl::Hours(47);
  EXPECT_FALSE(WholeSliceMaySend(slice, {}, kNow));
  slice.oldest_event_time = kNow - absl::Hours(7 * 24);
  EXPECT_FALSE(WholeSliceMaySend(slice, {}, kNow));
}

}  // namespace
}  // namespace snapledger::dispatch
