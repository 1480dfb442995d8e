#include "services/dispatch/send_slots.h"

#include <gtest/gtest.h>

#include <thread>

#include "absl/synchronization/notification.h"

namespace snapledger::dispatch {
namespace {

TEST(SendSlotsTest, NoMoreThanTheLimitThatHoldsNow) {
  SendSlots slots;
  EXPECT_TRUE(slots.Take(2, absl::ZeroDuration()));
  EXPECT_TRUE(slots.Take(2, absl::ZeroDuration()));
  EXPECT_FALSE(slots.Take(2, absl::ZeroDuration()));
  EXPECT_TRUE(slots.Take(3, absl::ZeroDuration()));
  slots.Release();
  EXPECT_FALSE(slots.Take(2, absl::ZeroDuration()));
  slots.Release();
  EXPECT_TRUE(slots.Take(2, absl::ZeroDuration()));
}

TEST(SendSlotsTest, WhoWaitsIsServedWhenOneIsFree) {
  SendSlots slots;
  ASSERT_TRUE(slots.Take(1, absl::ZeroDuration()));
  absl::Notification served;
  std::thread other([&] {
    EXPECT_TRUE(slots.Take(1, absl::InfiniteDuration()));
    served.Notify();
  });
  EXPECT_FALSE(served.HasBeenNotified());
  slots.Release();
  served.WaitForNotification();
  other.join();
}

TEST(SendSlotsTest, WhoGaveUpWaitingIsInNobodysWay) {
  SendSlots slots;
  ASSERT_TRUE(slots.Take(1, absl::ZeroDuration()));
  EXPECT_FALSE(slots.Take(1, absl::Milliseconds(1)));
  slots.Release();
  EXPECT_TRUE(slots.Take(1, absl::ZeroDuration()));
}

}  // namespace
}  // namespace snapledger::dispatch
