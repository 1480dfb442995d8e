#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace snapledger::storage {

// 16 bytes: an event key, an attempt id, a batch id. Made by the caller.
using Uuid = std::array<uint8_t, 16>;

// The numbers are those of snapledger.v1.DeliveryState.
enum class DeliveryState : int16_t {
  kPending = 1,
  kInFlight = 2,
  kInDoubt = 3,
  kDelivered = 4,
  kRejected = 5,
  kExpired = 6,
  kExpiredInDoubt = 7,
  kExhausted = 8,
  kCanceled = 9,
  kSuppressed = 10,
};

// Which queue a slice waits in; 0 is no queue: in flight or final. The claim of one queue never
// mixes with another's: a batch is all fresh, all doubtful, or one isolation group.
enum class Queue : int16_t { kNone = 0, kFresh = 1, kDoubt = 2, kIsolated = 3 };

// The numbers are those of snapledger.v1.AttemptOutcome.
enum class AttemptOutcome : int16_t {
  kOpen = 0,
  kDelivered = 1,
  kRefused = 2,
  kThrottled = 3,
  kNotSent = 4,
  kUnknown = 5,
  kHeld = 6,
};

// The numbers are those of snapledger.v1.VerdictSource.
enum class VerdictSource : int16_t {
  kUnspecified = 0,
  kLive = 1,
  kValidate = 2,
  kBisection = 3,
  kTimeout = 4,
  kOperator = 5,
};

// What is known of the slices of one isolation group. Only a hint where to look next: whether an
// event is refused is decided by Snap's answer to it alone or by a validation that names it.
enum class IsolationStage : int16_t {
  kUnknown = 0,       // nothing; a refusal of several is validated first
  kValidated = 1,     // a validation was asked before; sent whole
  kHoldsRefused = 2,  // together they hold a refused event: halved, never sent whole
  kNamed = 3,         // Snap named them: sent one by one
};

// A part of a lot that shares one fate: the events at positions first..last of lot `lot_id`. A lot
// begins as one slice; it is cut only where events of it part ways.
struct SliceKey {
  int64_t lot_id = 0;
  int16_t first_position = 0;

  friend bool operator==(const SliceKey&, const SliceKey&) = default;
};

// The positions of a piece of a payload: a lot with more has several. Stored lots are cut by it:
// another number would look for their events in the wrong piece.
inline constexpr int kPieceEvents = 64;

}  // namespace snapledger::storage
