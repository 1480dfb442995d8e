// What operators and callers do to a service that is no fault, and still no easy hour for it.

#include "tests/chaos/fault.h"

namespace snapledger::chaos {
namespace {

constexpr absl::Duration kActMax = absl::Seconds(60);

const std::string& PickDestination(Stage& stage, FaultRandom& random) {
  return stage.destinations()[random() % stage.destinations().size()].id;
}

bool PauseAndResume(Stage& stage, FaultRandom& random) {
  const std::string& destination = PickDestination(stage, random);
  const bool paused = stage.administration().Pause(destination, kActMax);
  stage.Hold(PickTime(random, absl::Seconds(1), absl::Seconds(5)));
  if (!stage.administration().Resume(destination, kActMax)) {
    stage.NoteProblem("a destination cannot be resumed");
  }
  return paused;
}

bool ChangeLanes(Stage& stage, FaultRandom& random) {
  return stage.administration().SetLanes(PickDestination(stage, random), Pick(random, 1, 6),
                                         kActMax);
}

bool CallAllAtOnce(Stage& stage, FaultRandom& random) {
  stage.load().Burst(Pick(random, 200, 400));
  return true;
}

}  // namespace

std::vector<FaultKind> OperatorFaults() {
  return {
      {"pause-and-resume", FaultPlace::kOperator, PauseAndResume},
      {"lanes-changed", FaultPlace::kOperator, ChangeLanes},
      {"burst-of-calls", FaultPlace::kOperator, CallAllAtOnce},
  };
}

}  // namespace snapledger::chaos
