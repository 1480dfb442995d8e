#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace snapledger::faulty {

// Where the process may be killed.
enum class KillPoint : uint8_t {
  kBeforeAppend,
  kAfterAppend,
  kBeforeClaim,
  kWithinClaim,
  kAfterClaim,
  kBeforeSendEvents,
  kAfterSendEvents,
  kBeforeSendValidation,
  kAfterSendValidation,
  kBeforeTakeTurn,
  kAfterTakeTurn,
  kBeforeRecord,
  kAfterRecord,
  kAfterRecordDoubt,
  kBeforeReapLeases,
  kAfterReapLeases,
};

struct KillPointText {
  std::string_view name;
  std::string_view text;
};

// By KillPoint.
inline constexpr std::array<KillPointText, 16> kKillPoints = {{
    {"before-append", "a group commit is planned, nothing of it is durable"},
    {"after-append", "a group commit is durable, its callers have no answer"},
    {"before-claim", "a worker is about to look for due slices"},
    {"within-claim", "the batch is composed inside the claim's transaction"},
    {"after-claim", "the intent to send is durable, no byte has left"},
    {"before-send-events", "right before the request"},
    {"after-send-events", "the answer is there, its outcome is not recorded"},
    {"before-send-validation", "right before a validation"},
    {"after-send-validation", "a validation is answered, nothing of it is recorded"},
    {"before-take-turn", "a refused batch is about to be validated"},
    {"after-take-turn", "the turn is taken, the validation is not sent"},
    {"before-record", "an outcome is known, none of it is durable"},
    {"after-record", "the outcome is durable"},
    {"after-record-doubt", "an unknown outcome is durable"},
    {"before-reap", "the reaper is about to look for leases that ended"},
    {"after-reap", "slices of vanished owners are in doubt"},
}};

// Kills the process (SIGKILL) when it passes one point for the n-th time. Thread-safe.
class KillSwitch {
 public:
  // Sets it by POINT:N, such as "after-claim:3". INVALID_ARGUMENT says what is wrong.
  absl::Status Arm(std::string_view text);

  // Does not return where this is the pass that kills.
  void Pass(KillPoint point);

 private:
  bool armed_ = false;
  KillPoint point_ = KillPoint::kBeforeAppend;
  std::atomic<int64_t> passes_left_{0};
};

}  // namespace snapledger::faulty
