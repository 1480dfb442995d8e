#pragma once

#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "storage/receipt_store.h"

namespace snapledger::reconciliation {

// When Snap's own count of an hour is no longer what the ledger delivered in it.
struct ReceiptRule {
  int64_t events_min = 100;     // fewer say nothing
  double ratio_min = 0.9;       // of what Snap must count
  double ratio_max = 1.1;       // of all it may count
  int observations_in_row = 3;  // that disagree, until there is an alert
};

// What one look says. Snap's hour and the ledger's differ by the lag at both ends, and what is in
// doubt may have arrived: `reported` agrees anywhere between ratio_min * least and ratio_max *
// most. Pure.
storage::ReceiptVerdict Judge(const storage::ExpectedReceipts& expected,
                              std::optional<int64_t> reported, const ReceiptRule& rule);

// Whether there is an alert: the last observations_in_row looks were too low or too high. Those
// that were not understood are passed over; one that agrees, or that has too few events, ends it.
// Pure.
bool Diverges(absl::Span<const storage::ReceiptVerdict> newest_first, const ReceiptRule& rule);

}  // namespace snapledger::reconciliation
