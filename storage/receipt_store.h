#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace snapledger::storage {

// What the ledger expects Snap to have counted within the past hour, by the database's clock. The
// two hours may differ by the lag at both ends.
struct ExpectedReceipts {
  int64_t delivered = 0;  // recorded as delivered within the hour
  int64_t least = 0;      // of them, those away from both ends of the hour by more than the lag
  // Those delivered within the hour and the lag before, and those of attempts of that time whose
  // outcome is not known, each once an attempt.
  int64_t most = 0;
};

enum class ReceiptVerdict : int16_t {
  kNotUnderstood = 1,  // no answer, or none that has the counts
  kTooFew = 2,         // too few events to judge by
  kAgrees = 3,
  kTooLow = 4,   // Snap counts fewer than were delivered
  kTooHigh = 5,  // Snap counts more than this ledger sent
};

// One look at Snap's own counts of a destination.
struct ReceiptObservation {
  absl::Time time;  // set by the store
  ExpectedReceipts expected;
  std::optional<int64_t> reported;  // live events of the past hour; not set: not understood
  std::optional<absl::Time> latest_event_time;
  ReceiptVerdict verdict = ReceiptVerdict::kNotUnderstood;
  bool diverging = false;  // as of this observation, the ones before included
  int http_status = 0;
  std::string answer;  // the beginning of its body, redacted
};

// Keeps what receipt reconciliation saw. Thread-safe.
class ReceiptStore {
 public:
  virtual ~ReceiptStore() = default;

  // True for one caller among all processes, then for none until `interval` is over; the first time
  // of a destination comes after one interval.
  virtual absl::StatusOr<bool> TakeTurn(int32_t destination_number, absl::Duration interval) = 0;

  // Over all shards of a destination, at one moment.
  virtual absl::StatusOr<ExpectedReceipts> Expected(absl::Span<const int32_t> shards,
                                                    absl::Duration lag) = 0;

  virtual absl::Status Add(int32_t destination_number, const ReceiptObservation& observation) = 0;

  // The last observations not older than `age`, newest first.
  virtual absl::StatusOr<std::vector<ReceiptObservation>> Latest(int32_t destination_number,
                                                                 absl::Duration age, int limit) = 0;
};

}  // namespace snapledger::storage
