#pragma once

#include <array>
#include <string_view>

namespace snapledger::simulation {

// Mistakes that can be planted around the dispatcher and in the ledger of the simulation, to show
// that its checks find them.
enum class PlantedBug {
  kNone,
  kDoubtForgotten,        // an unknown outcome of a first send goes back to PENDING
  kReapedToPending,       // a lease that ended counts as not sent
  kFenceIgnored,          // an outcome is written though the lease is lost
  kWindowIgnored,         // doubt is sent again after the dedup window
  kBytesChanged,          // a request carries other bytes than the intent says
  kSentWithoutIntent,     // a claim that was rolled back is sent
  kAcknowledgedTooEarly,  // intake answers before its commit stands
  kDuplicateAccepted,     // a repeated event id is appended once more
  kRateIgnored,           // the gate keeps no interval between sends
  kRetryAfterIgnored,     // what Snap asked for does not shut the gate
  kSentTwice,             // the HTTP layer repeats a request by itself
  kParkedForgotten,       // what waits for a tested half is never due
  kLateSuccessIgnored,    // a success whose lease was lost is forgotten by a later attempt
  kHalfOpenPassesAll,     // the breaker lets everything pass while its trial is under way
  kRateShareIgnored,      // what the limiter says does not slow the gate down
};

inline constexpr std::array<std::string_view, 16> kPlantedBugNames = {"none",
                                                                      "doubt-forgotten",
                                                                      "reaped-to-pending",
                                                                      "fence-ignored",
                                                                      "window-ignored",
                                                                      "bytes-changed",
                                                                      "sent-without-intent",
                                                                      "acknowledged-too-early",
                                                                      "duplicate-accepted",
                                                                      "rate-ignored",
                                                                      "retry-after-ignored",
                                                                      "sent-twice",
                                                                      "parked-forgotten",
                                                                      "late-success-ignored",
                                                                      "half-open-passes-all",
                                                                      "rate-share-ignored"};

}  // namespace snapledger::simulation
