#include "services/reconciliation/receipt_rule.h"

#include <algorithm>

namespace snapledger::reconciliation {

using storage::ReceiptVerdict;

ReceiptVerdict Judge(const storage::ExpectedReceipts& expected, std::optional<int64_t> reported,
                     const ReceiptRule& rule) {
  if (!reported.has_value()) return ReceiptVerdict::kNotUnderstood;
  const auto count = static_cast<double>(*reported);
  const bool above = count > rule.ratio_max * static_cast<double>(expected.most);
  if (*reported >= rule.events_min && above) return ReceiptVerdict::kTooHigh;
  const bool below = count < rule.ratio_min * static_cast<double>(expected.least);
  if (expected.least >= rule.events_min && below) return ReceiptVerdict::kTooLow;
  const bool few = std::max(expected.least, *reported) < rule.events_min;
  return few ? ReceiptVerdict::kTooFew : ReceiptVerdict::kAgrees;
}

bool Diverges(absl::Span<const ReceiptVerdict> newest_first, const ReceiptRule& rule) {
  int in_row = 0;
  for (const ReceiptVerdict verdict : newest_first) {
    if (verdict == ReceiptVerdict::kNotUnderstood) continue;
    if (verdict != ReceiptVerdict::kTooLow && verdict != ReceiptVerdict::kTooHigh) break;
    ++in_row;
  }
  return in_row >= rule.observations_in_row;
}

}  // namespace snapledger::reconciliation
