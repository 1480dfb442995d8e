#include "services/rpc/readiness.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace snapledger::rpc {
namespace {

class ReadinessTest : public ::testing::Test {
 protected:
  // Lets time pass as a process does whose regular read succeeds.
  void PassHealthily(absl::Duration duration) {
    for (absl::Duration passed; passed < duration; passed += absl::Seconds(1)) {
      clock_.Advance(absl::Seconds(1));
      readiness_.NoteProbe(absl::OkStatus());
    }
  }

  support::FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  Readiness readiness_{clock_};
};

TEST_F(ReadinessTest, ReadyFromTheStart) { EXPECT_TRUE(readiness_.Ready()); }

TEST_F(ReadinessTest, ShortFailuresOfReadsAreBorne) {
  clock_.Advance(Readiness::kPatience);
  EXPECT_TRUE(readiness_.Ready());
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(readiness_.Ready());
  readiness_.NoteProbe(absl::UnavailableError("still down"));
  EXPECT_FALSE(readiness_.Ready());
  readiness_.NoteProbe(absl::OkStatus());
  EXPECT_TRUE(readiness_.Ready());
}

TEST_F(ReadinessTest, WritesThatKeepFailingMakeItNotReady) {
  readiness_.NoteWrite(absl::UnavailableError("x"));
  PassHealthily(Readiness::kPatience + absl::Seconds(1));
  readiness_.NoteWrite(absl::UnavailableError("x"));
  EXPECT_FALSE(readiness_.Ready());
  readiness_.NoteWrite(absl::OkStatus());
  EXPECT_TRUE(readiness_.Ready());
}

TEST_F(ReadinessTest, OldFailuresOfWritesAreForgiven) {
  readiness_.NoteWrite(absl::UnavailableError("x"));
  PassHealthily(Readiness::kPatience + absl::Seconds(1));
  readiness_.NoteWrite(absl::UnavailableError("x"));
  PassHealthily(Readiness::kWriteMemory + absl::Seconds(1));
  EXPECT_TRUE(readiness_.Ready());
}

// Nobody may call a process that is not ready: it cannot wait for a write to show that it is.
TEST_F(ReadinessTest, AfterAnOutageNoWriteNeedsToSucceed) {
  readiness_.NoteWrite(absl::UnavailableError("x"));
  readiness_.NoteProbe(absl::UnavailableError("x"));
  clock_.Advance(Readiness::kPatience + absl::Seconds(1));
  readiness_.NoteWrite(absl::UnavailableError("x"));
  EXPECT_FALSE(readiness_.Ready());
  readiness_.NoteProbe(absl::OkStatus());
  EXPECT_TRUE(readiness_.Ready());
}

TEST_F(ReadinessTest, BadRequestsTellNothingOfTheLedger) {
  readiness_.NoteWrite(absl::UnavailableError("x"));
  PassHealthily(Readiness::kPatience + absl::Seconds(1));
  readiness_.NoteWrite(absl::InvalidArgumentError("no events"));
  EXPECT_FALSE(readiness_.Ready());
}

}  // namespace
}  // namespace snapledger::rpc
