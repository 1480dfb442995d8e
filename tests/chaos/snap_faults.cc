// Faults of Snap: what the emulator does to those who send.

#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/chaos/fault.h"

namespace snapledger::chaos {
namespace {

constexpr absl::Duration kHoldMin = absl::Milliseconds(700);
constexpr absl::Duration kLookEvery = absl::Milliseconds(200);
constexpr int kLooksMax = 40;
// A destination that Snap refused is probed every 15 seconds.
constexpr absl::Duration kResumeMax = absl::Seconds(90);
constexpr absl::Duration kAnswerMax = absl::Seconds(5);

void SetFaults(Stage& stage, const std::string& faults) {
  stage.emulator().client().SetFaults(absl::StrCat(
      R"({"faults":[)", faults, faults.empty() ? "" : ",", stage.background_faults(), "]}"));
}

int64_t Struck(Stage& stage) { return stage.emulator().client().FaultsStruck("fault"); }

// Waits until the fault has struck, holds it a little longer and ends it.
bool HoldUntilStruck(Stage& stage, FaultRandom& random) {
  for (int looks = 0; looks < kLooksMax && Struck(stage) == 0; ++looks) {
    if (!stage.Hold(kLookEvery)) break;
  }
  stage.Hold(PickTime(random, kHoldMin, 4 * kHoldMin));
  const bool struck = Struck(stage) > 0;
  SetFaults(stage, "");
  return struck;
}

bool Strike(const std::string& members, Stage& stage, FaultRandom& random) {
  SetFaults(stage, absl::StrCat(R"({"name":"fault","endpoint":"events",)", members, "}"));
  return HoldUntilStruck(stage, random);
}

// One that strikes connections: those there are have to be made anew.
bool StrikeConnections(const std::string& members, Stage& stage, FaultRandom& random) {
  SetFaults(stage, absl::StrCat(R"({"name":"fault",)", members, "}"));
  for (const auto& service : stage.services()) service->to_snap().Cut();
  return HoldUntilStruck(stage, random);
}

bool RejectComing(bool named, Stage& stage, FaultRandom& random) {
  const std::vector<std::string> ids = stage.load().ComingIds(Pick(random, 1, 3));
  SetFaults(stage, absl::StrCat(R"({"name":"fault","kind":"reject_events","name_event":)",
                                named ? "true" : "false", R"(,"event_ids":[")",
                                absl::StrJoin(ids, R"(",")"), R"("]})"));
  return HoldUntilStruck(stage, random);
}

bool IsPaused(Stage& stage, const std::string& destination) {
  const auto found = stage.administration().Get(destination, kAnswerMax);
  return found.has_value() && found->paused();
}

// Until a destination is held, or is no more.
bool AwaitPaused(Stage& stage, const std::string& destination, bool paused,
                 absl::Duration time_max) {
  const absl::Time end = absl::Now() + time_max;
  bool found = IsPaused(stage, destination);
  while (found != paused && absl::Now() < end) {
    // Also when the faults are to end: a hold that lasts is a finding.
    stage.Wait(kLookEvery);
    found = IsPaused(stage, destination);
  }
  return found == paused;
}

const LoadDestination& PickDestination(Stage& stage, FaultRandom& random) {
  return stage.destinations()[random() % stage.destinations().size()];
}

// The destination is held by itself, and goes on by itself when the cause is gone.
bool HoldDestination(const LoadDestination& destination, Stage& stage,
                     const std::function<void()>& mend) {
  const bool held = AwaitPaused(stage, destination.id, true, kLooksMax * kLookEvery);
  mend();
  if (!AwaitPaused(stage, destination.id, false, kResumeMax)) {
    stage.NoteProblem(absl::StrCat(destination.id, " stays held"));
  }
  return held;
}

bool RevokeToken(Stage& stage, FaultRandom& random) {
  const LoadDestination& destination = PickDestination(stage, random);
  stage.emulator().client().SetTokens(stage.TokenLines(destination.id));
  return HoldDestination(destination, stage,
                         [&stage] { stage.emulator().client().SetTokens(stage.TokenLines("")); });
}

// An answer that only a wrong setting causes, on every request of one destination.
bool RefuseDestination(const std::string& members, Stage& stage, FaultRandom& random) {
  const LoadDestination& destination = PickDestination(stage, random);
  SetFaults(stage,
            absl::StrCat(R"({"name":"fault","asset":")", destination.id, R"(",)", members, "}"));
  return HoldDestination(destination, stage, [&stage] { SetFaults(stage, ""); });
}

struct Answer {
  const char* name;
  const char* members;
};

constexpr Answer kAnswers[] = {
    {"snap-500", R"("kind":"status","status":500)"},
    {"snap-503-processed", R"("kind":"status","status":503,"process":true)"},
    {"snap-408", R"("kind":"status","status":408)"},
    {"snap-413", R"("kind":"status","status":413,"probability":0.3)"},
    {"snap-429-seconds", R"("kind":"throttle","retry_after":2)"},
    {"snap-429-date", R"("kind":"throttle","retry_after":3,"retry_after_as":"date")"},
    {"snap-429-bare", R"("kind":"throttle")"},
    {"snap-hang", R"("kind":"hang","seconds":10)"},
    {"snap-slow", R"("kind":"delay","ms":900)"},
    {"snap-too-slow", R"("kind":"delay","ms":2500)"},
    {"snap-reset-before-read", R"("kind":"reset_before_read")"},
    {"snap-reset-after-body", R"("kind":"reset_after_body")"},
    {"snap-half-answer", R"("kind":"half_answer","how":"close")"},
    {"snap-half-answer-reset", R"("kind":"half_answer","how":"reset")"},
    {"snap-bad-json", R"("kind":"bad_json")"},
    {"snap-empty-200", R"("kind":"empty_200")"},
    {"snap-length-too-long", R"("kind":"wrong_length","delta":100)"},
    {"snap-length-too-short", R"("kind":"wrong_length","delta":-20)"},
    {"snap-never-ending", R"("kind":"never_ending","seconds":10)"},
    {"snap-slow-loris", R"("kind":"slow_loris","interval_ms":60)"},
    {"snap-oversized", R"("kind":"oversized","count":5)"},
    {"snap-gzip-bomb", R"("kind":"gzip_bomb","bytes":67108864,"count":5)"},
    {"snap-close-keepalive", R"("kind":"close_keepalive","when":"at_once")"},
    {"snap-close-keepalive-late", R"("kind":"close_keepalive","when":"next_request")"},
};

constexpr Answer kConnections[] = {
    {"snap-tls-hang", R"("kind":"tls_hang","seconds":20)"},
    {"snap-refuse-connections", R"("kind":"refuse_connections")"},
    {"snap-expired-certificate", R"("kind":"expired_certificate")"},
    {"snap-wrong-host-certificate", R"("kind":"wrong_host_certificate")"},
};

}  // namespace

std::vector<FaultKind> SnapFaults() {
  using std::placeholders::_1;
  using std::placeholders::_2;
  std::vector<FaultKind> kinds = {
      {"snap-reject-named", FaultPlace::kSnap, std::bind(RejectComing, true, _1, _2)},
      {"snap-reject-unnamed", FaultPlace::kSnap, std::bind(RejectComing, false, _1, _2)},
      {"snap-token-revoked", FaultPlace::kSnap, RevokeToken},
      {"snap-redirect", FaultPlace::kSnap,
       std::bind(RefuseDestination, R"("kind":"redirect")", _1, _2)},
      {"snap-404", FaultPlace::kSnap,
       std::bind(RefuseDestination, R"("kind":"status","status":404)", _1, _2)},
  };
  for (const Answer& answer : kAnswers) {
    kinds.push_back({answer.name, FaultPlace::kSnap, std::bind(Strike, answer.members, _1, _2)});
  }
  for (const Answer& answer : kConnections) {
    kinds.push_back(
        {answer.name, FaultPlace::kSnap, std::bind(StrikeConnections, answer.members, _1, _2)});
  }
  return kinds;
}

}  // namespace snapledger::chaos
