#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace snapledger::faulty {

// A mistake that a dispatcher or a ledger could make.
enum class PlantedBug : uint8_t {
  kNone,
  kLotDropped,
  kDoubtForgotten,
  kReapedToPending,
  kFinalStateChanged,
  kFenceKept,
  kCountedTwice,
  kSliceForgotten,
  kSliceLost,
  kAuditEdited,
  kBytesChanged,
  kSentWithoutIntent,
  kDoubtDelivered,
  kAcceptedAsRefused,
  kEventEncodedAgain,
  kWindowIgnored,
  kSentTwice,
  kTokenOfAnother,
  kTokenLogged,
  kBodyLogged,
  kIdMadeAgain,
  kRateIgnored,
  kRetryAfterIgnored,
};

struct PlantedBugText {
  std::string_view name;
  std::string_view invariant;  // the first that it breaks
  std::string_view text;
};

// By PlantedBug.
inline constexpr std::array<PlantedBugText, 23> kPlantedBugs = {{
    {"none", "", "no mistake"},
    {"lot-dropped", "I1", "a group commit is answered as durable and was not written"},
    {"doubt-forgotten", "I2", "an unknown outcome of a first send goes back to PENDING"},
    {"reaped-to-pending", "I2", "the reaper takes what it finds as not sent"},
    {"final-state-changed", "I2", "a delivered slice is overwritten, without fence or record"},
    {"fence-kept", "I3", "a claim does not raise the fence"},
    {"counted-twice", "I4", "intake adds to the counters that folding adds to"},
    {"slice-forgotten", "I5", "a delay of seconds is written as one of weeks"},
    {"slice-lost", "I6", "a part that is cut off has no row"},
    {"audit-edited", "I8", "an entry of the audit log is written over"},
    {"bytes-changed", "I9", "a re-send frames its body in another way than the intent says"},
    {"sent-without-intent", "I9", "a claim that was rolled back is sent"},
    {"doubt-delivered", "I10", "an unknown outcome is recorded as delivered"},
    {"accepted-as-refused", "I11", "a first answer VALID is recorded as a refusal"},
    {"event-encoded-again", "I12", "a re-send encodes its events anew"},
    {"window-ignored", "I13", "doubt is sent again after its window closed"},
    {"sent-twice", "I14", "the HTTP layer repeats a POST whose answer broke"},
    {"token-of-another", "I15", "every destination is sent to with the first one's token"},
    {"token-logged", "I15", "a log line has the access token"},
    {"body-logged", "I15", "a log line has the body of a request that failed"},
    {"id-made-again", "I16", "a re-send gives its events new ids"},
    {"rate-ignored", "I17", "a claim keeps no interval between sends"},
    {"retry-after-ignored", "I17", "the header Retry-After is not read"},
}};

// INVALID_ARGUMENT where there is none by that name.
absl::StatusOr<PlantedBug> PlantedBugByName(std::string_view name);

}  // namespace snapledger::faulty
