#include "tests/faulty/kill_switch.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace snapledger::faulty {
namespace {

TEST(KillSwitchTest, UnarmedNothingKills) {
  KillSwitch kill;
  kill.Pass(KillPoint::kAfterClaim);
}

TEST(KillSwitchTest, TheNthPassOfItsPointKills) {
  KillSwitch kill;
  ASSERT_TRUE(kill.Arm("after-claim:3").ok());
  kill.Pass(KillPoint::kAfterClaim);
  kill.Pass(KillPoint::kBeforeRecord);
  kill.Pass(KillPoint::kBeforeRecord);
  kill.Pass(KillPoint::kAfterClaim);
  EXPECT_EXIT(kill.Pass(KillPoint::kAfterClaim), testing::KilledBySignal(SIGKILL), "");
}

TEST(KillSwitchTest, WhatIsNoPointAndPassIsRefused) {
  for (const char* const text :
       {"after-claim", "after-claim:0", "after-claim:-1", "after-claim:x", "nowhere:1", ":1", ""}) {
    EXPECT_TRUE(absl::IsInvalidArgument(KillSwitch().Arm(text))) << text;
  }
}

}  // namespace
}  // namespace snapledger::faulty
