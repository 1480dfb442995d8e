#include "services/cli/patient_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "services/base/error_details.h"
#include "tests/support/status_matchers.h"

namespace snapledger::cli {
namespace {

using support::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A service that gives these answers, the last one for ever, and the waits between the calls.
struct Script {
  std::vector<absl::Status> answers;
  size_t calls = 0;
  std::vector<absl::Duration> waits;

  absl::Status Run(absl::Duration patience) {
    return CallPatiently([this] { return answers[std::min(calls++, answers.size() - 1)]; },
                         patience, [this](absl::Duration wait) { waits.push_back(wait); });
  }
};

TEST(PatientCallTest, RepeatsWithGrowingDelays) {
  Script script{{absl::UnavailableError("a"), absl::DeadlineExceededError("b"), absl::OkStatus()}};
  EXPECT_OK(script.Run(absl::Minutes(1)));
  EXPECT_THAT(script.waits, ElementsAre(absl::Milliseconds(200), absl::Milliseconds(400)));
}

TEST(PatientCallTest, WaitsAsLongAsTheServiceAsks) {
  Script script{
      {base::ExhaustedError(base::ErrorReason::kIntakeFull, "intake", "full", absl::Seconds(7)),
       absl::OkStatus()}};
  EXPECT_OK(script.Run(absl::Minutes(1)));
  EXPECT_THAT(script.waits, ElementsAre(absl::Seconds(7)));
}

TEST(PatientCallTest, OtherErrorsAreFinal) {
  Script script{{absl::NotFoundError("x"), absl::OkStatus()}};
  EXPECT_THAT(script.Run(absl::Minutes(1)), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(script.waits, IsEmpty());
}

TEST(PatientCallTest, PatienceEnds) {
  Script script{{absl::UnavailableError("down")}};
  EXPECT_THAT(script.Run(absl::Seconds(20)), StatusIs(absl::StatusCode::kUnavailable));
  absl::Duration waited;
  for (const absl::Duration wait : script.waits) {
    EXPECT_LE(wait, absl::Seconds(5));
    waited += wait;
  }
  EXPECT_GE(waited, absl::Seconds(20));
  EXPECT_LE(waited, absl::Seconds(25));
}

TEST(PatientCallTest, WithoutPatienceOneCallIsMade) {
  Script script{{absl::UnavailableError("down")}};
  EXPECT_THAT(script.Run(absl::ZeroDuration()), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(script.calls, 1U);
}

}  // namespace
}  // namespace snapledger::cli
